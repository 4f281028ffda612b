/// What keeps a rule or a command from making things worse.
package struct Guards: Sendable, Hashable, Codable {
    /// The alert must have fired that long, in milliseconds; a resolve before that ends it.
    package var firingForMilliseconds: Int64?
    /// No second start for the same key before that long after the last one's end, in milliseconds.
    package var cooldownMilliseconds: Int64?
    /// A template for the key that `cooldown` counts by; the job's command line when there is none.
    package var per: String?
    /// A resolve cancels the job before its first step that changes something.
    package var cancelOnResolve = false
    /// How long the job may wait in the queue, in milliseconds.
    package var startWithinMilliseconds: Int64?

    /// What to do when nobody can say whether the alert still fires; `ask` unless given.
    package var ifUnknown: IfUnknown?

    package init() {}
}

/// What to do about an alert when its source cannot be asked whether it still fires.
package enum IfUnknown: String, Sendable, Hashable, Codable, CaseIterable {
    /// A person decides.
    case ask
    /// As if it still fired.
    case go
    /// Nothing is done.
    case stop
}
