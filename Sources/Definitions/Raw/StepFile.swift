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
        action = reader.one("uses", .action, "The action", isRequired: true, Convert.text(nil, "'uses'"))
        input =
            reader.one("with", .inputs, "The action's inputs") { value throws(Problem) in value }?.value
            ?? LocatedValue(LocatedValue.Content.object([]), at: reader.value.location)
        timeout = reader.one("timeout", .duration, "How long it may take", Convert.duration("'timeout'"))
        retry =
            reader.section("retry", "retry", "How it is tried again after an error that may pass", RetryPolicy.init)
            ?? RetryPolicy()
        `if` = reader.many("if", .matcher, "Conditions that must all hold, else it is skipped", Convert.matcher) ?? []
        unless =
            reader.many("unless", .matcher, "Conditions; it is skipped when all of them hold", Convert.matcher) ?? []
        location = reader.value.location
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
