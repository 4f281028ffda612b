/// What is wrong with one node besides the course that it takes, until it is switched off.
package enum EthereumFault: String, Sendable, Hashable, CaseIterable {
    /// Lighthouse cuts every connection. A restart of Lighthouse mends it.
    case lighthouseDown = "lighthouse-down"
    /// Lighthouse has lost its peers' trust and stands still. A restart of Lighthouse mends it.
    case lighthouseStuck = "lighthouse-stuck"
    /// Lighthouse does not reach Geth, though all else is right. A restart of Lighthouse mends it.
    case executionOffline = "el-offline"
    /// Lighthouse follows blocks that Geth has not checked.
    case optimistic
    /// Geth and Lighthouse have different JWT secrets.
    case wrongSecret = "jwt"
    /// Geth's clock is two minutes ahead.
    case clockOff = "clock"
    /// Geth answers each call with an error.
    case errors

    /// Whether Geth is told of no new blocks, so that its head stands still.
    var stopsGeth: Bool {
        switch self {
        case .lighthouseDown, .lighthouseStuck, .executionOffline, .wrongSecret, .clockOff: true
        case .optimistic, .errors: false
        }
    }

    /// Whether Lighthouse says that its execution client is offline.
    var cutsHalves: Bool { self == .executionOffline || self == .wrongSecret || self == .clockOff }

    /// Whether a new Lighthouse is well again.
    var isMendedByLighthouse: Bool {
        self == .lighthouseDown || self == .lighthouseStuck || self == .executionOffline
    }

    var label: String {
        switch self {
        case .lighthouseDown: "Lighthouse down"
        case .lighthouseStuck: "Lighthouse stuck"
        case .executionOffline: "Lighthouse cannot reach Geth"
        case .optimistic: "Lighthouse optimistic"
        case .wrongSecret: "JWT secrets differ"
        case .clockOff: "Clock off by 2 min"
        case .errors: "Geth answers errors"
        }
    }

    var help: String {
        switch self {
        case .lighthouseDown: "Lighthouse cuts every connection, and Geth's head stands still."
        case .lighthouseStuck: "Lighthouse is syncing and comes no nearer; Geth's head stands still."
        case .executionOffline: "el_offline is true, and Geth's head stands still."
        case .optimistic: "is_optimistic is true."
        case .wrongSecret: "The engine API answers 401 to every token. A restart mends nothing."
        case .clockOff: "The engine API finds every token stale. A restart mends nothing."
        case .errors: "Every call of JSON-RPC fails with -32000."
        }
    }
}
