import Synchronization

/// Nonces that a CA's answers have brought and nobody has used (RFC 8555 §6.5).
final class NoncePool: Sendable {
    /// Nonces that are kept; older ones go.
    static let most = 8
    private static let longest = 512
    private let nonces = Mutex<[String]>([])

    var count: Int { nonces.withLock(\.count) }

    /// The newest one, which is then gone.
    func take() -> String? { nonces.withLock { $0.popLast() } }

    /// Keeps one. What is no base64url is none, and is left out (RFC 8555 §6.5.1).
    func keep(_ nonce: String?) {
        guard let nonce, nonce.utf8.count <= NoncePool.longest, Base64URL.isText(nonce) else { return }
        nonces.withLock { nonces in
            nonces.append(nonce)
            if nonces.count > NoncePool.most { nonces.removeFirst() }
        }
    }

    /// Forgets all, when the CA has refused one: the others are as old.
    func clear() { nonces.withLock { $0.removeAll() } }
}
