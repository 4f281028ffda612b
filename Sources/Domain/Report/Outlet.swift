/// Delivers reports to one kind of channel. Called by the engine's outbox, one message at a time per place and in
/// order; it must escape all text, must not retry by itself, and must not throw a secret.
package protocol Outlet: Sendable {
    /// The kind of channel: `slack`.
    var channel: String { get }
    /// Whether jobs about the same (`CommandDefinition.about`) share one message here: true where a place is itself about
    /// one thing, such as a pull request.
    var sharesMessages: Bool { get }
    /// Whether main messages of several subjects can stand in the thread of another one (`OutboxMessage.threadOf`).
    var hasThreads: Bool { get }
    /// How many messages one private place takes; nil: any number. Until when it takes them is the place's own matter.
    var messagesPerPrivatePlace: Int? { get }
    /// Posts a message, or edits the one that `existing` names. `thread` names the main message in whose thread a new
    /// one belongs: that of its subject, or of `threadOf`.
    /// Returns the channel's own reference of the message.
    func deliver(_ message: OutboxMessage, existing: String?, thread: String?) async throws(OutletError) -> String?
}

extension Outlet {
    package var sharesMessages: Bool { false }
    package var hasThreads: Bool { false }
    package var messagesPerPrivatePlace: Int? { nil }
}

/// Why a report was not delivered.
package struct OutletError: Error, Sendable {
    package enum Kind: Sendable, Hashable {
        /// Worth another try, not before that long.
        case later(after: Duration?)
        /// This place will never take it; the next one may.
        case never
        /// The message to edit is gone: post it anew.
        case messageGone
    }

    package var kind: Kind
    /// The channel's own words.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
