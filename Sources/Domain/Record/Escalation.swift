package import Foundation

/// A call for people about one job, from the first call to its end. A note of the ledger, so that it outlives restarts.
package struct Escalation: Sendable, Codable, Hashable {
    /// How the names of its notes begin.
    package static let notes = "escalation/"
    /// Escalations that are open at a time; beyond it everybody is called at once, and nothing is kept.
    package static let mostOpen = 1000
    /// How long one stays open that nobody ends.
    package static let longest = Duration.seconds(7 * 86_400)
    /// How often everybody is called again.
    package static let mostRepeats = 24

    /// People who are called together.
    package struct Level: Sendable, Codable, Hashable {
        package var places: [Place]
        package var people: [String]
        /// How long after the escalation began they are called, in milliseconds.
        package var afterMilliseconds: Int64

        package init(places: [Place], people: [String], afterMilliseconds: Int64) {
            self.places = places
            self.people = people
            self.afterMilliseconds = afterMilliseconds
        }
    }

    /// A message that says how it stands.
    package struct Told: Sendable, Codable, Hashable {
        package var place: Place
        package var subject: String

        package init(place: Place, subject: String) {
            self.place = place
            self.subject = subject
        }
    }

    /// The job's number is the escalation's.
    package var jobID: JobID
    package var commandLine: String
    /// The alert whose resolve ends it.
    package var alertFingerprint: String?
    package var openedAt: Date
    /// In the order in which they are called.
    package var levels: [Level]
    /// How many of them have been called.
    package var called = 0
    /// The pause before everybody is called again, in milliseconds; nil: nobody is.
    package var repeatMilliseconds: Int64?
    package var repeats = 0
    /// When somebody is called next, or when it ends by itself.
    package var nextAt: Date
    /// The latest message of each place.
    package var told: [Told] = []
    /// The person who has it.
    package var acknowledgedBy: String?
    package var acknowledgedAt: Date?

    package init(
        jobID: JobID, commandLine: String, alertFingerprint: String?, openedAt: Date, levels: [Level],
        repeatMilliseconds: Int64?
    ) {
        self.jobID = jobID
        self.commandLine = commandLine
        self.alertFingerprint = alertFingerprint
        self.openedAt = openedAt
        self.levels = levels
        self.repeatMilliseconds = repeatMilliseconds
        nextAt = openedAt
    }

    /// The note under which the ledger keeps it.
    package var note: String { Escalation.notes + String(jobID) }

    /// Everybody who was called, for people.
    package var calledPeople: [String] {
        var seen: Set<String> = []
        return levels.prefix(called).flatMap(\.people).filter { seen.insert($0).inserted }
    }

    /// When it ends by itself.
    package var endsAt: Date { openedAt.advanced(by: Escalation.longest) }
}
