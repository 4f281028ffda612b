import Domain

/// One step as a command's file writes it.
struct StepFile: Sendable {
    var name: Located<String>?
    var id: Located<String>?
    var action: Located<String>?
    var input: LocatedValue
    var timeout: Located<Duration>?
    var retry: RetryPolicy
    var `if`: [Located<Matcher>]
    var unless: [Located<Matcher>]
    var location: SourceLocation

    /// Reads one step.
    init(_ reader: inout KeyReader) {
        name = reader.one("name", .text(nil), "What people read", Convert.text(nil, "'name'"))
        id = reader.one(
            "id", .text(.argument), "The name by which later steps read its outputs, steps.<id>.<output>",
            default: "made from the name or the action", Convert.text(.argument, "'id'"))
        let uses = reader.one("uses", .action, "The action; one of 'uses' and 'run'", Convert.text(nil, "'uses'"))
        let with = reader.one("with", .inputs, "The action's inputs") { value throws(Problem) in value }?.value
        let run = reader.one(
            "run", .anything,
            "A script or container that runs as a Job on a cluster: the inputs of \(StepFile.runAction), with 'on' for the "
                + "cluster"
        ) { value throws(Problem) in value }
        action = uses
        input = with ?? LocatedValue(LocatedValue.Content.object([]), at: reader.value.location)
        if let run {
            action = Located(value: StepFile.runAction, location: run.location)
            input = StepFile.runInput(run.value, &reader)
            for (name, isThere) in [("uses", uses != nil), ("with", with != nil)] where isThere {
                reader.report(
                    "the step has 'run' and '\(name)'", at: reader.value.member(name)?.location ?? run.location,
                    fix: "leave one of them out; 'run' has the inputs in itself")
            }
        } else if reader.value["uses"] == nil, reader.value.members != nil {
            reader.report(
                "the step has neither 'uses' nor 'run'", at: reader.value.location,
                fix: "name an action with 'uses', such as kubernetes.apply")
        }
        timeout = reader.one("timeout", .duration, "How long it may take", Convert.duration("'timeout'"))
        retry =
            reader.section("retry", "retry", "How it is tried again after an error that may pass", RetryPolicy.init)
            ?? RetryPolicy()
        `if` = reader.many("if", .matcher, "Conditions that must all hold, else it is skipped", Convert.matcher) ?? []
        unless =
            reader.many("unless", .matcher, "Conditions; it is skipped when all of them hold", Convert.matcher) ?? []
        location = reader.value.location
    }

    /// What `run:` stands for.
    static let runAction = "kubernetes.run-job"

    /// The inputs of that action, with `on` as its cluster; everything keeps its place in the file.
    private static func runInput(_ run: LocatedValue, _ reader: inout KeyReader) -> LocatedValue {
        guard var members = run.members else {
            reader.report(
                "'run' must be a map, and it is \(run.kindName)", at: run.location,
                fix: "write run: {on: <cluster>, namespace: …, image: …, script: …}")
            return LocatedValue(LocatedValue.Content.object([]), at: run.location)
        }
        if let wrong = members.first(where: { $0.name == "cluster" }) {
            reader.report("'cluster' is called 'on' in 'run'", at: wrong.location, fix: "write on: <cluster>")
        } else if !members.contains(where: { $0.name == "on" }) {
            reader.report("'run' does not say on which cluster", at: run.location, fix: "add on: <cluster>")
            // Said once, in the words of the file.
            members.append(
                .init(
                    name: "on", location: run.location,
                    value: LocatedValue(LocatedValue.Content.string("x"), at: run.location)))
        }
        for index in members.indices where members[index].name == "on" { members[index].name = "cluster" }
        return LocatedValue(LocatedValue.Content.object(members), at: run.location)
    }
}

extension RetryPolicy {
    /// Reads the map under `retry`.
    fileprivate init(_ reader: inout KeyReader) {
        let usual = RetryPolicy()
        let attempts = reader.one(
            "attempts", .integer(1...100), "Tries in all", default: String(usual.attempts),
            Convert.integer("'attempts'", in: 1...100))
        let backoff = reader.one(
            "backoff", .duration, "The wait before the second try; it doubles each time",
            default: DurationText.canonical(usual.backoff), Convert.duration("'backoff'"))
        let longest = reader.one(
            "max_backoff", .duration, "The longest wait", default: DurationText.canonical(usual.maxBackoff),
            Convert.duration("'max_backoff'"))
        self.init(
            attempts: attempts?.value ?? usual.attempts, backoff: backoff?.value ?? usual.backoff,
            maxBackoff: longest?.value ?? max(usual.maxBackoff, backoff?.value ?? usual.backoff))
        if let longest, self.backoff > longest.value {
            reader.report("'max_backoff' is shorter than 'backoff'", at: longest.location)
        }
    }
}
