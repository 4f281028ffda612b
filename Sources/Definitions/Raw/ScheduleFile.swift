import Domain

/// What a command's file says under `schedule`.
struct ScheduleFile: Sendable {
    var every: Located<Duration>?
    var with: [LocatedValue.Member]
    var location: SourceLocation

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        every = reader.one(
            "every", .duration,
            "The interval, 1m to 7d: it is asked for at the multiples of it since Thursday, 1970-01-01, 00:00 UTC; of missed times only the latest is made up for",
            isRequired: true, Convert.duration("'every'", in: ScheduleDefinition.bounds))
        with =
            reader.map("with", .anything, "The command's arguments; templates may name pools and env") {
                value throws(Problem) in value
            }.map { LocatedValue.Member(name: $0.name.value, location: $0.name.location, value: $0.value.value) }
        location = reader.value.location
    }
}
