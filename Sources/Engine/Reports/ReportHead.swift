import Domain
import Foundation

/// One message for the jobs of one group of alerts: it lists them with their states, and their own messages stand in its
/// thread. A note of the ledger until all of them are settled.
struct ReportHead: Sendable, Hashable, Codable {
    /// The notes under which the ledger keeps them stand below this name.
    static let note = "report-head/"
    /// Jobs that may join one; further remedies of these always do.
    static let mostJobs = 30
    /// Lines that are shown.
    static let shownLines = 40
    /// Characters of a job's reason.
    static let longestReason = 150

    struct Line: Sendable, Hashable, Codable {
        var id: JobID
        var commandLine: String
        var state: JobState
        var reason: String?
        /// The remedy that follows it.
        var next: JobID?

        init(_ job: Job) {
            id = job.id
            commandLine = job.commandLine
            state = job.state
            // While it runs, its own message says how far it is.
            reason = job.state == .running ? nil : job.reason.map { String($0.prefix(ReportHead.longestReason)) }
            next = job.ladder?.next
        }
    }

    /// The outbox' subject of its message: `group/12`, by its first job.
    var subject: String
    /// The group in which the alerts were sent.
    var groupKey: String
    /// The names of the alerts, for people.
    var about: String
    /// Where its jobs are told.
    var places: [Place]
    var lines: [Line] = []
    /// False while nothing of it is worth telling.
    var isPosted = false

    var noteName: String { ReportHead.note + subject }

    /// Takes a job's state in. Returns whether that is news.
    mutating func take(_ job: Job) -> Bool {
        let line = Line(job)
        guard let index = lines.firstIndex(where: { $0.id == job.id }) else {
            lines.append(line)
            return true
        }
        guard lines[index] != line else { return false }
        lines[index] = line
        return true
    }

    /// Whether nothing more happens to any of its jobs.
    var isSettled: Bool {
        lines.allSatisfy { line in
            line.state.isFinal && line.state != .unknown
                && (line.next.map { next in lines.contains { $0.id == next } } ?? true)
        }
    }

    /// What its message says.
    var report: Report {
        var steps = lines.prefix(ReportHead.shownLines).map { line in
            Report.StepLine(
                state: line.state.asStep, name: "job \(line.id): \(line.commandLine)",
                note: [line.state.words, line.reason].compactMap(\.self).joined(separator: " · "))
        }
        if lines.count > ReportHead.shownLines {
            steps.append(.init(state: .pending, name: "and \(lines.count - ReportHead.shownLines) more", note: ""))
        }
        return Report(mood: mood, title: "\(about) · \(lines.count) jobs · \(counts)", blocks: [.steps(steps)])
    }

    /// `1 running, 2 succeeded`, in the order of the states.
    private var counts: String {
        JobState.allCases.compactMap { state in
            let count = lines.count { $0.state == state }
            return count > 0 ? "\(count) \(state.words)" : nil
        }.joined(separator: ", ")
    }

    private var mood: Report.Mood {
        let states = Set(lines.map(\.state))
        if !states.isDisjoint(with: [.running, .verifying]) { return .running }
        if !states.allSatisfy(\.isFinal) { return .waiting }
        // A remedy that failed and was followed by another one is no failure of the whole.
        let last = Set(lines.filter { $0.next == nil }.map(\.state))
        if !last.isDisjoint(with: [.failed, .timedOut, .unknown]) { return .failure }
        return last == [.succeeded] ? .success : .warning
    }
}

extension JobState {
    /// How a list of jobs marks it.
    fileprivate var asStep: StepState {
        switch self {
        case .held, .waitingConfirmation, .waitingApproval, .queued: .pending
        case .running, .verifying: .running
        case .succeeded: .succeeded
        case .failed: .failed
        case .timedOut: .timedOut
        case .cancelled, .denied, .expired, .superseded: .cancelled
        case .unknown: .unknown
        }
    }
}
