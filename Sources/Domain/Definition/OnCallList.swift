/// Who is called, and who is called next when nobody has answered: `on_call:<name>` among the places of `escalate`.
package struct OnCallList: Sendable, Hashable {
    /// The channel of a place that is such a list.
    package static let channel = "on_call"
    /// Levels of one list.
    package static let mostLevels = 5
    /// The longest time from the call of the first level to that of the last.
    package static let longestWait = Duration.seconds(86_400)
    /// How often all levels together may be called again.
    package static let repeatBounds = Duration.seconds(60)...Duration.seconds(86_400)

    /// People who are called together.
    package struct Level: Sendable, Hashable {
        /// Where they are called.
        package var places: [Place]
        /// Their names, for people.
        package var people: [String]
        /// How long after the escalation began they are called, in milliseconds.
        package var afterMilliseconds: Int64

        package init(places: [Place], people: [String], afterMilliseconds: Int64) {
            self.places = places
            self.people = people
            self.afterMilliseconds = afterMilliseconds
        }
    }

    package var name: String
    /// In the order in which they are called; the first at once.
    package var levels: [Level]
    /// How long after the last call everybody is called again, in milliseconds; nil: nobody is.
    package var repeatMilliseconds: Int64?

    package init(name: String, levels: [Level], repeatMilliseconds: Int64?) {
        self.name = name
        self.levels = levels
        self.repeatMilliseconds = repeatMilliseconds
    }
}
