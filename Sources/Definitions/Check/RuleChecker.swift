import Domain

/// Checks one rule's file and makes a definition of it.
struct RuleChecker {
    let source: Source
    let fields: [EventField]
    let settings: CheckedSettings
    let commands: [String: CommandDefinition]
    let actions: ActionCatalogue
    private(set) var problems: [Problem] = []

    init(
        source: Source, fields: [EventField], settings: CheckedSettings, commands: [String: CommandDefinition],
        actions: ActionCatalogue
    ) {
        self.source = source
        self.fields = fields
        self.settings = settings
        self.commands = commands
        self.actions = actions
    }

    mutating func definition(of file: RuleFile) -> RuleDefinition {
        checkName(file.name)
        let kinds = RuleKinds(fields)
        let forEach = file.forEach.flatMap { RuleDefinition.ForEach(rawValue: $0.value) } ?? .alert
        if forEach == .group, !kinds.hasGroups, let location = file.forEach?.location {
            problems.append(
                Problem("what \(source) sends has no groups", at: location, fix: "leave 'for_each' out"))
        }
        let fields = kinds.fields(for: file.match.map(\.value), forEach: forEach)
        var eventScope = PathScope()
        for field in fields.there { add(field, below: "", to: &eventScope) }
        for (path, reason) in fields.elsewhere { eventScope.addElsewhere(path, reason, alsoBelow: true) }
        problems += eventScope.problems(in: file.match)
        for (path, _) in file.extract {
            if let problem = eventScope.problem(naming: path.value, at: path.location, as: "'\(path.value)'") {
                problems.append(problem)
            }
        }
        let scope = ruleScope(file, fields)
        if !file.isExtractBroken {
            for member in file.with { problems += scope.problems(in: member.value) }
            for template in file.guards?.templates ?? [] { problems += scope.problems(in: template) }
            problems += scope.problems(in: file.report) + scope.problems(in: file.escalate)
        }
        checkCommand(file.run, file.with, scope)
        problems += file.guards?.problems(among: Array(commands.keys)) ?? []
        for place in file.escalate { problems += settings.problems(onCall: place) }
        let verify = file.verify.flatMap { self.verify($0, file, scope) }
        let otherwise = file.otherwise.map { remedy in
            checkRemedy(remedy, file, scope)
        }
        problems += RuleReach.contradictions(in: file)
        var rule = RuleDefinition(
            name: file.name?.value ?? "", source: source, isEnabled: file.isEnabled, match: file.match.map(\.value),
            extract: file.extract.map { Extraction(path: $0.path.value, pattern: $0.pattern.value) },
            run: file.run?.value ?? "", with: file.with, guards: file.guards?.guards ?? Guards(), verify: verify,
            escalate: file.escalate.map(\.value), report: file.report.map(\.value),
            example: RuleChecker.examples(file).first, location: file.name?.location ?? file.location)
        rule.otherwise = otherwise
        rule.onlyObserves = file.onlyObserves
        rule.forEach = forEach
        return rule
    }

    /// What a proof may name is what the rule's `with` may.
    private mutating func verify(_ verify: VerifyFile, _ file: RuleFile, _ scope: PathScope) -> VerifyDefinition {
        var checker = VerifyChecker(actions: actions, scope: file.isExtractBroken ? nil : scope)
        let definition = checker.definition(of: verify, knowsAlert: true)
        problems += checker.problems
        return definition
    }

    private mutating func checkRemedy(_ remedy: RemedyFile, _ file: RuleFile, _ scope: PathScope) -> RemedyDefinition {
        if !file.isExtractBroken {
            for member in remedy.with { problems += scope.problems(in: member.value) }
        }
        checkCommand(remedy.run, remedy.with, scope)
        return RemedyDefinition(
            run: remedy.run?.value ?? "", with: remedy.with,
            verify: remedy.verify.map { verify($0, file, scope) })
    }

    /// The examples that can be tried.
    static func examples(_ file: RuleFile) -> [RuleExample] {
        file.examples.compactMap { example in
            guard let payload = example.file, let runs = example.runs else { return nil }
            return RuleExample(
                file: payload.value, runs: runs.value == RuleExampleFile.nothing ? nil : runs.value,
                event: example.event?.value, location: runs.location)
        }
    }

    private func add(_ field: EventField, below prefix: String, to scope: inout PathScope) {
        if field.isOpen { scope.addOpen(prefix + field.path) } else { scope.add(prefix + field.path, .any) }
    }

    /// What the templates of a rule may name, as `RuleDefinition.ruleScope` provides it.
    private mutating func ruleScope(_ file: RuleFile, _ fields: RuleKinds.Fields) -> PathScope {
        var scope = settings.scope
        for field in fields.there {
            add(field, below: "", to: &scope)
            add(field, below: "event.", to: &scope)
        }
        for (path, reason) in fields.elsewhere {
            scope.addElsewhere(path, reason, alsoBelow: true)
            scope.addElsewhere("event.\(path)", reason, alsoBelow: true)
        }
        let taken = ["event", "pools", "env", "settings"]
        var found: Set<String> = []
        for (_, pattern) in file.extract {
            for name in pattern.value.groupNames {
                if !found.insert(name).inserted {
                    problems.append(
                        Problem("two groups are called '\(name)'", at: pattern.location, fix: "choose another name"))
                }
                if taken.contains(name) {
                    problems.append(
                        Problem("a group may not be called '\(name)'", at: pattern.location, fix: "choose another name")
                    )
                }
                scope.add(name, .any)
            }
        }
        return scope
    }

    private mutating func checkCommand(
        _ run: Located<String>?, _ with: [LocatedValue.Member], _ scope: PathScope
    ) {
        guard let run else { return }
        guard let command = commands[run.value] else {
            let names = commands.keys.sorted()
            problems.append(
                Problem(
                    "there is no command '\(run.value)'", at: run.location,
                    fix: NearestName.of(run.value, in: names).map { "did you mean '\($0)'?" }
                        ?? "commands: \(names.joined(separator: ", "))"))
            return
        }
        problems += ArgumentsChecker(settings: settings, scope: scope)
            .problems(of: with, for: command, at: run.location)
    }

    /// Jobs of schedules are the schedule's, as those of a rule are the rule's.
    private mutating func checkName(_ name: Located<String>?) {
        guard let name, name.value == ScheduleDefinition.requester else { return }
        problems.append(
            Problem("a rule may not be called '\(name.value)'", at: name.location, fix: "choose another name"))
    }
}
