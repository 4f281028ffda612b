import Domain

/// What goes wrong at the certificate authority when it is asked to. Counted kinds are used up one request at a time, in
/// the order of `Kind`'s cases; their `methods` are `directory`, `newNonce`, `newAccount`, `newOrder`, `finalize` and so on.
package struct ACMEFailures: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The connection is cut before anything is done.
        case reset
        /// The request takes effect, then the connection is cut.
        case resetAfterwards
        /// 503 with a page of HTML, as a proxy in front sends it.
        case unavailable
        /// 500 `serverInternal`.
        case serverInternal
        /// 429 `rateLimited`, with `retryAfter`.
        case rateLimited
        /// 400 `badNonce`; signed requests only.
        case badNonce
        /// An order turns invalid when it is finalized.
        case invalidOrder
    }

    package var counts: [Kind: FailureCount] = [:]
    /// Of a hundred signed requests, how many get `badNonce`.
    package var refusedNonces = 0
    /// Seconds of `rateLimited`.
    package var retryAfter = 86_400
    /// Seconds for which an order stays in `processing`.
    package var processing = 0
    /// Names whose proofs are found wrong; `*`: all.
    package var unproven: Set<String> = []

    package init() {}

    /// Takes one request's failure. `method` is its name: `newOrder`.
    mutating func take(_ method: String, isSigned: Bool) -> Kind? {
        counts.take(method) { $0 != .invalidOrder && (isSigned || $0 != .badNonce) }
    }

    /// Whether this order is to turn invalid.
    mutating func takeOrder() -> Bool { counts.take("finalize") { $0 == .invalidOrder } != nil }

    func isUnproven(_ name: String) -> Bool { unproven.contains("*") || unproven.contains(name) }
}
