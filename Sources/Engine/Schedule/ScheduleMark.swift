import Domain
import Foundation

/// What became of a schedule's latest planned time; a note of the ledger.
struct ScheduleMark: Codable, Hashable {
    /// How the names of the notes begin.
    static let beginning = "schedule/"

    /// The schedule's times as they were then: of others nothing was missed.
    var timing: String
    /// In microseconds since 1970-01-01T00:00:00Z.
    var plannedMicroseconds: Int64
    var decision: String
    var job: JobID?

    init(_ schedule: ScheduleDefinition, planned: Date, decision: String, job: JobID? = nil) {
        timing = schedule.timing.description
        plannedMicroseconds = planned.microseconds
        self.decision = decision
        self.job = job
    }

    var planned: Date { Date(microseconds: plannedMicroseconds) }

    /// Whether the schedule has the same times still.
    func isOf(_ schedule: ScheduleDefinition) -> Bool { timing == schedule.timing.description }

    static func note(_ name: String) -> String { beginning + name }

    /// The note of a schedule.
    func write(_ name: String) -> LedgerWrite {
        // It is Codable throughout, so it can be encoded.
        .saveNote(ScheduleMark.note(name), (try? JSONValue(encoding: self)) ?? .null)
    }

    /// Reads a note; nil when there is none, or one of another version.
    init?(_ note: JSONValue?) {
        guard let note, let mark = try? note.decode(ScheduleMark.self) else { return nil }
        self = mark
    }
}
