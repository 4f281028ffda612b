package import Foundation

/// The number by which people name a job: 42 in `/defimon job 42`.
package typealias JobID = Int64

/// One asking of a command.
package struct Job: Sendable, Codable, Hashable {
    package var id: JobID
    /// Counts the writes of this row; a write with an old version is refused by the ledger.
    package var version: Int64 = 0
    /// The command's name, with its subcommand: `deploy`, `preview create`.
    package var command: String
    /// The hash of the definitions under which it was asked.
    package var definitionsHash: String
    /// Checked and typed; every declared argument has its value or null.
    package var arguments: [String: JSONValue]
    /// As a person would type it: `deploy analytics --plan`.
    package var commandLine: String
    package var requester: Requester
    /// The event that led to it, nil for the command line.
    package var eventID: Int64?
    /// What templates see beside the arguments: `event`, and what `extract` found.
    package var variables: [String: JSONValue] = [:]
    /// True when it only computes what it would change.
    package var isPlanOnly: Bool
    package var locks: [LockRequest]
    package var guards: Guards = Guards()
    /// What `cooldown` and `limit` count by.
    package var guardKey: String = ""
    /// What its guards said when they were looked at last.
    package var verdicts: [GuardVerdict]?
    /// The guard that holds it until `heldUntil`.
    package var heldBy: String?
    /// Of how many others it depends whether it may begin.
    package var group: JobGroup?
    /// How long it may wait in the queue, in milliseconds.
    package var startWithinMilliseconds: Int64?
    /// The alert's fingerprint, when one led to it.
    package var alertFingerprint: String?
    /// The group of alerts, when one led to it; `alertFingerprint` is then the group's.
    package var alertGroup: AlertGroupReference?
    /// The outbox' subject of the message in whose thread its own stands, with those of other jobs of one group of alerts.
    package var headSubject: String?
    package var state: JobState
    /// Why it is in this state, for people.
    package var reason: String?
    package var createdAt: Date
    /// When a held job is looked at again, and when people are called about an unknown one.
    package var heldUntil: Date?
    package var startedAt: Date?
    package var endedAt: Date?
    /// By when it must have left the queue.
    package var startBefore: Date
    /// How long it may run, in milliseconds.
    package var timeoutMilliseconds: Int64
    /// Set when somebody asked to cancel it: who.
    package var cancelledBy: String?
    /// Guards ledger writes of a run: the number of the lease under which it holds its locks.
    package var fencing: Int64?
    /// Where reports go, first the job's own channel.
    package var reportTo: [Place]
    /// Where the private answer goes.
    package var answerTo: Place?
    /// People told when it fails.
    package var escalateTo: [Place] = []
    package var verify: VerifyDefinition?
    /// In state `verifying`: by when the effect must show.
    package var verifyBy: Date?
    /// In state `verifying` and after it: how far the proof is.
    package var proof: JobProof?
    /// Where it stands among its rule's remedies; nil when the rule has one alone.
    package var ladder: JobLadder?
    /// Of unfinished jobs with the same text, the newest supersedes the others.
    package var supersedesKey: String?
    /// What it is about (`preview/acme/api/42`), when its message is shared with other jobs about the same.
    package var about: String?
    /// The job that took this one's place.
    package var supersededBy: JobID?
    /// The job as which a person has asked for it once more, after its end. That is done once.
    package var triedAgainAs: JobID?
    /// The job that it is once more.
    package var againOf: JobID?
    /// What the step waits for at which it is held, once it has begun.
    package var wait: JobWait?
    /// The name of the schedule that asked for it.
    package var schedule: String?
    /// How long it was held after it had begun, in milliseconds: time that does not count against its timeout.
    package var waitedMilliseconds: Int64 = 0
    /// What people must allow before it starts; nil: nothing.
    package var approval: JobApproval?
    /// Why people are asked although the command has no `approvals`: each reason once. Set before it is made, or by
    /// `JobInput.asked`.
    package var asks: [String]?

    package init(
        id: JobID, command: String, definitionsHash: String, arguments: [String: JSONValue], commandLine: String,
        requester: Requester, eventID: Int64?, isPlanOnly: Bool, locks: [LockRequest], state: JobState,
        createdAt: Date, startBefore: Date, timeoutMilliseconds: Int64, reportTo: [Place], answerTo: Place?
    ) {
        self.id = id
        self.command = command
        self.definitionsHash = definitionsHash
        self.arguments = arguments
        self.commandLine = commandLine
        self.requester = requester
        self.eventID = eventID
        self.isPlanOnly = isPlanOnly
        self.locks = locks
        self.state = state
        self.createdAt = createdAt
        self.startBefore = startBefore
        self.timeoutMilliseconds = timeoutMilliseconds
        self.reportTo = reportTo
        self.answerTo = answerTo
    }
}

/// What a job waits for at one of its steps.
package struct JobWait: Sendable, Codable, Hashable {
    /// An event with this topic makes the bot look at once.
    package var topic: String?
    /// Jobs that wait in one line go on one after the other, the oldest first.
    package var line: String?
    /// Since when it is held; nil while it is looked at again.
    package var since: Date?

    package init(topic: String?, line: String?, since: Date?) {
        self.topic = topic
        self.line = line
        self.since = since
    }
}

/// Who asked for a job.
package enum Requester: Sendable, Codable, Hashable, CustomStringConvertible {
    /// A person, by the id in the settings, and the identity under which they asked.
    case person(id: String, identity: Identity)
    /// A rule, by its name, or the schedule (`ScheduleDefinition.requester`), whose name no rule may have.
    case rule(String)

    package var description: String {
        switch self {
        case .person(let id, _): id
        case .rule(ScheduleDefinition.requester): "schedule"
        case .rule(let name): "rule \(name)"
        }
    }

    /// The person's id, nil for a rule.
    package var personID: String? { if case .person(let id, _) = self { id } else { nil } }
}

/// One step of a job, as the ledger keeps it.
package struct Step: Sendable, Codable, Hashable {
    package var jobID: JobID
    /// From 0; steps of `on_failure` follow those of `steps`.
    package var index: Int
    package var name: String
    /// The id under which later steps read its outputs: `steps.<id>.<output>`.
    package var stepID: String
    package var action: String
    package var isOnFailure: Bool
    package var state: StepState
    /// From 1, the number of tries so far.
    package var attempt: Int = 0
    /// The same for every try of this step: a UUID (RFC 9562).
    package var idempotencyKey: String
    /// What the provider calls the running operation, once it is known.
    package var handle: JSONValue?
    package var output: JSONValue?
    /// What it does just now, for people: `analytics-api 2/3`.
    package var progress: String?
    /// What went wrong, in the provider's own words, redacted.
    package var error: String?
    /// What a person could try.
    package var hint: String?
    package var startedAt: Date?
    package var endedAt: Date?
    /// When the next try is due.
    package var retryAt: Date?
    /// True when it ended because what was asked for makes no sense any more.
    package var isOutdated: Bool?

    package init(
        jobID: JobID, index: Int, name: String, stepID: String, action: String, isOnFailure: Bool, state: StepState,
        idempotencyKey: String
    ) {
        self.jobID = jobID
        self.index = index
        self.name = name
        self.stepID = stepID
        self.action = action
        self.isOnFailure = isOnFailure
        self.state = state
        self.idempotencyKey = idempotencyKey
    }
}
