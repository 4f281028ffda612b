import Domain

/// What a rule's or a command's file says under `verify`.
struct VerifyFile: Sendable {
    var alertResolvedWithin: Located<Duration>?
    var action: Located<String>?
    var input: LocatedValue
    var within: Located<Duration>?
    var every: Located<Duration>?
    /// The keys that were written.
    var keys: Set<String>
    var location: SourceLocation

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        alertResolvedWithin = reader.one(
            "alert_resolved_within", .duration, "For rules: how long after the last step the alert must be resolved",
            Convert.duration("'alert_resolved_within'"))
        action = reader.one(
            "uses", .action, "An action that only looks; it is tried again until it succeeds",
            Convert.text(nil, "'uses'"))
        input =
            reader.one("with", .inputs, "The action's inputs") { value throws(Problem) in value }?.value
            ?? LocatedValue(LocatedValue.Content.object([]), at: reader.value.location)
        let bounds = VerifyCheck.withinBounds
        within = reader.one(
            "within", .duration,
            "With 'uses': how long after the last step its last look begins, 1s to 24h",
            Convert.duration("'within'", in: bounds))
        every = reader.one(
            "every", .duration, "With 'uses': the time between two looks, 1s to 1h",
            default: DurationText.canonical(VerifyCheck.usualEvery),
            Convert.duration("'every'", in: VerifyCheck.everyBounds))
        keys = Set((reader.value.members ?? []).map(\.name))
        location = reader.value.location
    }
}
