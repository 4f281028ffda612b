import Domain

/// Nonces that were given out and not yet used (RFC 8555 §6.5).
struct ACMENonces: Sendable {
    /// How many are remembered; the oldest go first.
    static let most = 1000

    private var order: [String] = []
    private var open: Set<String> = []
    /// Requests so far, of those a part is refused.
    private var seen = 0

    mutating func make() -> String {
        let nonce = Base64URL.encode((0..<16).map { _ in UInt8.random(in: 0...255) })
        open.insert(nonce)
        order.append(nonce)
        if order.count > ACMENonces.most { open.remove(order.removeFirst()) }
        return nonce
    }

    /// Whether it was given out and is used for the first time.
    mutating func use(_ nonce: String?) -> Bool { nonce.map { open.remove($0) != nil } ?? false }

    /// Whether this request is one of the `percent` of a hundred that are refused, evenly spread.
    mutating func isRefused(_ percent: Int) -> Bool {
        seen += 1
        return seen * percent / 100 > (seen - 1) * percent / 100
    }
}
