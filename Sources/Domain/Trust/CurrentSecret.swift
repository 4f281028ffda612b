import Synchronization

/// A secret's newest value. Whoever holds its `secret` uses a new value from the next `reveal()` on, without being told.
package final class CurrentSecret: Sendable {
    private let text: Mutex<String>

    package init(_ secret: Secret) { text = Mutex(secret.reveal()) }

    /// Hands out the value of the moment, whenever it is revealed.
    package var secret: Secret { Secret(self) }

    /// The redactor must know the new value already.
    package func replace(with secret: Secret) {
        let new = secret.reveal()
        text.withLock { $0 = new }
    }

    var value: String { text.withLock { $0 } }
}
