/// An action that looks whether something is there which its job cannot go on without: an image in its registry, a
/// build that has succeeded, a free place. A job that waits so leaves its locks and its place among the running jobs;
/// the engine looks again when the time has come or when an event says that something happened.
package protocol AwaitingAction: Action {
    /// Jobs that wait in one line are looked at one after the other, the oldest first; nil when there is no line.
    var line: String? { get }
    /// Looks once; safe to be called any number of times. Throws `ActionError` when what is waited for will never come.
    func look(_ context: ActionContext) async throws -> Awaited
    /// Says whether `look` would find it. Called while the job is held and has no locks, so it must change nothing; an
    /// action whose `look` only reads needs none of its own.
    func peek(_ context: ActionContext) async throws -> Awaited
}

extension AwaitingAction {
    package var line: String? { nil }
    package func peek(_ context: ActionContext) async throws -> Awaited { try await look(context) }
}

/// What an awaiting action found.
package enum Awaited: Sendable, Hashable {
    /// It is there: the step has succeeded with these outputs.
    case ready(JSONValue)
    /// Not yet: what is waited for, for people (`the workflow 'build' for 1a2b3c4, in progress`), and when to look again
    /// at the latest.
    /// An event that carries `topic` makes the engine look at once.
    case notYet(String, lookAgainAfter: Duration, topic: String? = nil)
}
