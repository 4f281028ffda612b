/// What the ledger keeps beyond jobs, as an action sees it. The engine implements it; within a plan, and while it is only
/// looked whether an effect shows, nothing can be set.
package protocol KeptValues: Sendable {
    /// Nil when nothing is kept under this key. Throws `ActionError` when the ledger cannot be read.
    func value(_ key: String) async throws(ActionError) -> KeptValue?
    /// Those whose key begins with this text, by key; larger values are left out of them. Throws `ActionError` when the
    /// ledger cannot be read, and when there are more than `KeptValue.longestList`.
    func values(under beginning: String) async throws(ActionError) -> [KeptValue]
    /// Keeps a value in the place of what was there; returns when it is committed. The same value again by the same job
    /// is no change. Throws `ActionError` when the key is none, the value is too large or has a secret in it, there are
    /// too many keys, or the job runs no more under the lease under which this step began.
    func set(_ key: String, _ value: JSONValue) async throws(ActionError)
    /// Keeps nothing under this key any more; returns when that is committed. Throws `ActionError` as `set` does.
    func remove(_ key: String) async throws(ActionError)
}

/// Where nothing is kept and nothing can be.
package struct NothingKept: KeptValues {
    package init() {}

    package func value(_ key: String) async throws(ActionError) -> KeptValue? { nil }
    package func values(under beginning: String) async throws(ActionError) -> [KeptValue] { [] }
    package func set(_ key: String, _ value: JSONValue) async throws(ActionError) { throw NothingKept.refusal }
    package func remove(_ key: String) async throws(ActionError) { throw NothingKept.refusal }

    /// What whoever may only look is told.
    package static let refusal = ActionError("nothing can be kept here: only a running job keeps values")
}
