import Domain

/// Definitions that tests put together in code.
enum Samples {
    static let place = SourceLocation(file: "commands/test.yaml", line: 1, column: 1)

    static func step(
        _ id: String, _ action: String = "test.change", what: String? = nil, timeout: Duration? = nil,
        attempts: Int = 3, if condition: [String] = [], unless: [String] = []
    ) throws -> StepDefinition {
        StepDefinition(
            name: "Step \(id)", id: id, action: action,
            input: LocatedValue(["what": .string(what ?? id)] as JSONValue, at: place), timeout: timeout,
            retry: RetryPolicy(attempts: attempts, backoff: .seconds(2), maxBackoff: .seconds(60)),
            if: try condition.map { try Matcher(parsing: $0) }, unless: try unless.map { try Matcher(parsing: $0) },
            location: place)
    }

    static func command(
        _ name: String, _ steps: [StepDefinition], arguments: [ArgumentDefinition] = [], roles: [String] = ["operator"],
        lock: String? = nil, timeout: Duration = .seconds(3600), startWithin: Duration? = nil,
        onFailure: OnFailure = OnFailure(), offers: [OfferDefinition] = [], report: [PlaceTemplate] = [],
        schedule: ScheduleDefinition? = nil, isQuiet: Bool = false, supersedes: String? = nil,
        about: String? = nil, isUpkeep: Bool = false, channels: [Place] = [], verify: VerifyDefinition? = nil,
        _ guards: (inout Guards) -> Void = { _ in }
    ) throws -> CommandDefinition {
        var all = Guards()
        guards(&all)
        var command = CommandDefinition(
            name: name, summary: "Does \(name)", arguments: arguments, roles: roles,
            locks: try lock.map { [LockTemplate(path: try Template(parsing: $0), mode: .exclusive)] } ?? [],
            timeout: timeout, startWithin: startWithin, steps: steps, onFailure: onFailure, offers: offers,
            onSuccess: nil, examples: [name], report: report,
            supersedes: try supersedes.map { try Template(parsing: $0) },
            about: try about.map { try Template(parsing: $0) }, schedule: schedule, isQuiet: isQuiet, guards: all,
            isUpkeep: isUpkeep, channels: channels, location: place)
        command.verify = verify
        return command
    }

    /// A look that must succeed: `test.look` with this `what`.
    static func check(_ what: String, within: Int64, every: Int64 = 15) -> VerifyCheck {
        VerifyCheck(
            action: "test.look", input: ["what": .string(what)], withinMilliseconds: within * 1000,
            everyMilliseconds: every * 1000)
    }

    static func remedy(_ run: String, with: [String: String] = [:], verify: VerifyDefinition? = nil) -> RemedyDefinition
    {
        RemedyDefinition(
            run: run,
            with: with.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, location: place, value: LocatedValue(.string($0.value) as JSONValue, at: place))
            }, verify: verify)
    }

    /// A list whose levels read in the channels `#<name>-1`, `#<name>-2`, and so on.
    static func onCall(_ name: String, afterMinutes: [Int64], repeatMinutes: Int64? = nil) -> OnCallList {
        OnCallList(
            name: name,
            levels: afterMinutes.enumerated().map { index, minutes in
                OnCallList.Level(
                    places: [Place(channel: "chat", address: "#\(name)-\(index + 1)")], people: ["Person \(index + 1)"],
                    afterMilliseconds: minutes * 60_000)
            }, repeatMilliseconds: repeatMinutes.map { $0 * 60_000 })
    }

    static func argument(_ name: String, _ type: ValueType, isRequired: Bool = true, context: String? = nil)
        -> ArgumentDefinition
    {
        ArgumentDefinition(
            name: name, type: type, help: "", isRequired: isRequired, defaultValue: nil, context: context,
            location: place)
    }

    static func schedule(every: Duration, with: [String: String] = [:]) -> ScheduleDefinition {
        ScheduleDefinition(
            every: every,
            with: with.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, location: place, value: LocatedValue(.string($0.value) as JSONValue, at: place))
            })
    }

    static func rule(
        _ name: String, run: String, with: [String: String] = [:], verify: VerifyDefinition? = nil,
        otherwise: [RemedyDefinition] = [], escalate: [Place] = [],
        report: [Place] = [Place(channel: "chat", address: "#ops")], _ guards: (inout Guards) -> Void = { _ in }
    ) throws -> RuleDefinition {
        var all = Guards()
        guards(&all)
        var rule = RuleDefinition(
            name: name, source: ScriptedDecoder.source, match: [try Matcher(parsing: "status = firing")], extract: [],
            run: run,
            with: with.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, location: place, value: LocatedValue(.string($0.value) as JSONValue, at: place))
            }, guards: all, verify: verify, escalate: escalate.map { PlaceTemplate($0) },
            report: report.map { PlaceTemplate($0) },
            example: nil, location: place)
        rule.otherwise = otherwise
        return rule
    }

    static func set(
        _ commands: [CommandDefinition], groups: [CommandGroup] = [], rules: [RuleDefinition] = [],
        roles: [RoleDefinition] = [], onCall: [OnCallList] = [], hash: String = "h1"
    ) -> DefinitionSet {
        var set = DefinitionSet(
            commands: Dictionary(uniqueKeysWithValues: commands.map { ($0.name, $0) }),
            groups: Dictionary(uniqueKeysWithValues: groups.map { ($0.name, $0) }), rules: rules,
            people: [
                Person(id: "olivia", name: "Olivia", roles: ["operator"], identities: ["chat": "U1", "cli": "root"]),
                Person(id: "victor", name: "Victor", roles: ["viewer"], identities: ["chat": "U2"]),
            ], roles: Dictionary(uniqueKeysWithValues: roles.map { ($0.name, $0) }),
            variables: ["pools": ["analytics": ["domain": "analytics.example.org"]]],
            defaultReport: [Place(channel: "chat", address: "#ops")], hash: hash)
        set.onCall = Dictionary(uniqueKeysWithValues: onCall.map { ($0.name, $0) })
        return set
    }
}
