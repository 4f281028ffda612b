/// What a provider can do. A type that adopts it adopts one of `RepeatableAction`, `RemoteOperation` and
/// `AwaitingAction` too, and `Plannable` when it changes anything.
package protocol Action: Sendable {}

/// An action that is safe to run again with the same idempotency key: the second run finds the first one's work.
/// Reading actions are repeatable.
package protocol RepeatableAction: Action {
    /// Does it. Returns an object of outputs for later steps; `summary` (one line) is shown beside the step, `details`
    /// (longer text) in the job's thread, `table` (what was asked for, in fixed width) in the job's message. Throws `ActionError`, or `CancellationError` when its task was cancelled.
    func perform(_ context: ActionContext) async throws -> JSONValue
}

/// An action that starts an operation at the provider and watches it. `start` is called once; its handle is written to
/// the ledger before anything else happens.
package protocol RemoteOperation: Action {
    /// Begins the operation; returns what the provider calls it.
    func start(_ context: ActionContext) async throws -> JSONValue
    /// Looks at a started operation.
    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus
    /// Looks, without a handle, whether an earlier `start` took effect.
    func find(_ context: ActionContext) async throws -> OperationSearch
}

/// How a remote operation stands.
package enum OperationStatus: Sendable {
    case running(progress: String?, askAgainAfter: Duration)
    case done(JSONValue)
    case failed(ActionError)
    /// The provider does not know it any more.
    case gone
}

/// What `find` found.
package enum OperationSearch: Sendable {
    case found(handle: JSONValue)
    case notStarted
    case cannotTell
}

/// An action that can say what it would change, from the provider's own answer, changing nothing.
package protocol Plannable: Action {
    /// Throws `ActionError` as `perform` would.
    func plan(_ context: ActionContext) async throws -> ActionPlan
}

/// What one step would change.
package struct ActionPlan: Sendable, Codable, Hashable {
    /// One line a change, for people: `Deployment analytics/api: image 1.2 → 1.3`. Empty: nothing to do. An approval holds
    /// for these words: what moves by itself (free space, peers, resource versions) is not in them.
    package var changes: [String]
    /// What can only be known when an earlier step has run.
    package var knownLater: [String]
    /// How many of the changes take something away.
    package var deletions: Int
    /// What people should know who read it, and what is no change: a number that differs from the manifests' because
    /// somebody set it. An approval holds for these words too.
    package var notes: [String]

    package init(changes: [String], knownLater: [String] = [], deletions: Int = 0, notes: [String] = []) {
        self.changes = changes
        self.knownLater = knownLater
        self.deletions = deletions
        self.notes = notes
    }
}

/// What an action gets beside its inputs.
package struct ActionContext: Sendable {
    package var jobID: JobID
    /// Stable for this step over all tries and restarts: a UUID (RFC 9562).
    package var idempotencyKey: String
    /// From 1.
    package var attempt: Int
    package var time: any TimeSource
    /// How long the step may take at most from now on; nil when nobody says.
    package var timeLimit: Duration?
    /// Tells people what it does just now: `analytics-api 2/3`. Bounded and merged by the engine; may be called often.
    package var progress: @Sendable (String) -> Void
    /// What is kept beyond this job.
    package var kept: any KeptValues

    package init(
        jobID: JobID, idempotencyKey: String, attempt: Int, time: any TimeSource, timeLimit: Duration? = nil,
        kept: any KeptValues = NothingKept(), progress: @escaping @Sendable (String) -> Void
    ) {
        self.jobID = jobID
        self.idempotencyKey = idempotencyKey
        self.attempt = attempt
        self.time = time
        self.kept = kept
        self.timeLimit = timeLimit
        self.progress = progress
    }
}

/// Why an action did not do what it should.
package struct ActionError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    package enum Retry: Sendable, Hashable, Codable {
        /// The same again gives the same error.
        case never
        /// Passes by itself; at the earliest after that many milliseconds, if the provider said so.
        case later(afterMilliseconds: Int64?)
    }

    /// What went wrong, with the provider's own words; people read it.
    package var message: String
    package var retry: Retry
    /// False when it is certain that nothing reached the provider.
    package var mayHaveTakenEffect: Bool
    /// What a person could try.
    package var hint: String?
    /// More for the thread: last log lines, the provider's whole answer. Bounded by the engine.
    package var details: String?
    /// True when what the job was asked for makes no sense any more: its commit is not the newest, its pull request is
    /// closed. The job then ends as superseded, and nobody is called.
    package var isOutdated: Bool
    /// What is not there yet and an earlier step of the same job may make, as what is waited for: `the kubeconfig of
    /// cluster analytics is there`. A plan then says that the rest is known later, instead of failing.
    package var missing: String?

    package init(
        _ message: String, retry: Retry = .never, mayHaveTakenEffect: Bool = false, hint: String? = nil,
        details: String? = nil, isOutdated: Bool = false, missing: String? = nil
    ) {
        self.message = message
        self.retry = retry
        self.mayHaveTakenEffect = mayHaveTakenEffect
        self.hint = hint
        self.details = details
        self.isOutdated = isOutdated
        self.missing = missing
    }

    package var description: String { message }
}
