package import Domain
package import Foundation

/// What a backtest says of one event that its rule matched, and what the bot did then.
package struct BacktestDecision: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, Hashable {
        /// It would have gone into the queue at once.
        case run
        /// A guard would have held it until a time.
        case hold
        /// People would have been asked.
        case ask
        /// A guard would have made no job.
        case refuse
        /// The rule could not have run its command.
        case problem
    }

    /// What the bot did at this event.
    package struct Actual: Sendable, Codable, Hashable {
        package var event: Int64?
        /// As the ledger has it: `job 17`, or why there was none; nil when the rule was not asked.
        package var decision: String?
        package var job: JobID?
        /// Nil: there is nothing to compare with.
        package var isSame: Bool?
        /// For people: how it compares.
        package var words: String

        private enum CodingKeys: String, CodingKey {
            case event, decision, job, words
            case isSame = "same"
        }
    }

    package var at: Date
    package var delivery: Int64
    package var subject: String
    package var key: String
    package var commandLine: String
    package var kind: Kind
    /// As the bot's own explanation would have it: `run 3`, or why there is none.
    package var decision: String
    /// How the run that it makes is called: `job 17` where the bot made that very job, else `run 3`.
    package var run: String?
    /// What each guard said when the event came.
    package var guards: [GuardVerdict]
    /// Where a guard held it, or people would have been asked, after that.
    package var later: [String] = []
    package var beganAt: Date?
    /// What each guard said when it began.
    package var startGuards: [GuardVerdict] = []
    package var endedAt: Date?
    package var endState: JobState?
    package var endReason: String?
    package var actual: Actual?

    private enum CodingKeys: String, CodingKey {
        case at, delivery, subject, key, kind, decision, run, guards, later, actual
        case commandLine = "command_line"
        case beganAt = "began_at"
        case startGuards = "start_guards"
        case endedAt = "ended_at"
        case endState = "end_state"
        case endReason = "end_reason"
    }

    /// The guard that decided when the event came.
    var stopper: String? { guards.stopper }
}

/// What a backtest saw in all.
package struct BacktestSummary: Sendable, Codable, Hashable {
    package var rule: String
    package var source: String
    package var from: Date
    package var until: Date
    package var deliveries = 0
    /// Deliveries whose bodies the retention has removed.
    package var withoutBody = 0
    package var undecodable = 0
    /// New events; a resend of one is none.
    package var events = 0
    package var resends = 0
    package var matched = 0
    package var runs = 0
    package var heldBy: [String: Int] = [:]
    /// Matched events that led to no run, by the guard or the reason.
    package var keptBy: [String: Int] = [:]
    package var same = 0
    package var different = 0
    package var notCompared = 0
    /// Decisions that are not among those returned: the earliest.
    package var notShown = 0
    /// What is not known, and what was taken for it.
    package var assumptions: [String] = []

    private enum CodingKeys: String, CodingKey {
        case rule, source, from, until, deliveries, undecodable, events, resends, matched, runs, same, different
        case assumptions
        case withoutBody = "without_body"
        case heldBy = "held_by"
        case keptBy = "kept_by"
        case notCompared = "not_compared"
        case notShown = "not_shown"
    }
}

/// What came of a backtest.
package struct BacktestResult: Sendable {
    /// Oldest first.
    package var decisions: [BacktestDecision]
    package var summary: BacktestSummary
}

extension [GuardVerdict] {
    /// The guard that decided: one that refuses comes before those that hold or ask.
    var stopper: String? {
        (first { $0.outcome == .refuses } ?? first { $0.outcome != .passes })?.guardName
    }
}
