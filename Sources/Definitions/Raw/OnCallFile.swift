import Domain

/// A list of people on call as the settings write it.
struct OnCallFile: Sendable {
    var name: Located<String>
    var levels: [OnCallLevelFile]
    var repeatEvery: Located<Duration>?
    var location: SourceLocation

    /// Reads the map under a list's name.
    init(_ reader: inout KeyReader, name: Located<String>) {
        self.name = name
        levels =
            reader.sections(
                "levels", "on_call level", "Who is called, one level after the other until somebody says /defimon ack",
                isRequired: true, atMost: OnCallList.mostLevels, OnCallLevelFile.init) ?? []
        repeatEvery = reader.one(
            "repeat_every", .duration,
            "How long after the last call all levels are called again, 1m to 24h; left out: never",
            Convert.duration("'repeat_every'", in: OnCallList.repeatBounds))
        location = reader.value.location
    }
}

/// One level of such a list.
struct OnCallLevelFile: Sendable {
    var people: [Located<String>]
    var places: [Located<Place>]
    var after: Located<Duration>?
    var location: SourceLocation

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        people =
            reader.many(
                "people", .text(.name),
                "People of the settings, who are told in Slack and by mail, where they have an id",
                atMost: 20, Convert.text(.name, "a person's id")) ?? []
        places = reader.many("places", .place, "Places that are told", atMost: 10, Convert.place) ?? []
        after = reader.one(
            "after", .duration, "How long after the first call", default: "0s",
            Convert.duration("'after'", in: .zero...OnCallList.longestWait))
        location = reader.value.location
    }
}
