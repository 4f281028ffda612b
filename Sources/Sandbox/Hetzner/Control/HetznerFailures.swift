import Domain

/// What goes wrong at Hetzner when it is asked to. Counted kinds are used up one request at a time, in the order of
/// `Kind`'s cases.
package struct HetznerFailures: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The connection is cut before anything is done.
        case reset
        /// The request takes effect, then the connection is cut.
        case resetAfterwards
        /// 500 `server_error`.
        case serverError
        /// 502 with a page of HTML, as a proxy in front sends it.
        case badGateway
        /// 503 `unavailable`.
        case unavailable
        /// 504 `timeout`.
        case timeout
        /// 401 `unauthorized`, as for a token that was deleted.
        case unauthorized
        /// 429 `rate_limit_exceeded`.
        case rateLimited
        /// 423 `locked`; changes only.
        case locked
        /// 409 `conflict`; changes only.
        case conflict
        /// 403 `maintenance`; changes only.
        case maintenance
        /// 401 `token_readonly`, as for a token that may only read; changes only.
        case readOnly

        var isForChanges: Bool {
            switch self {
            case .locked, .conflict, .maintenance, .readOnly: true
            default: false
            }
        }
    }

    package var counts: [Kind: FailureCount] = [:]
    /// Milliseconds by which every answer comes later.
    package var delay = 0
    /// Names of locations that have no server and no volume to give.
    package var exhausted: Set<String> = []
    /// How many of a kind there may be: `servers`, `volumes`, `networks`, `load_balancers`, and so on.
    package var limits: [String: Int] = [:]
    /// Names of things that are locked.
    package var locked: Set<String> = []
    /// Actions do not go on.
    package var stuckActions = false
    /// Actions with these commands (`create_server`) end as failed, that many times each.
    package var failingActions: [String: Int] = [:]
    /// Names of servers that do not react when they are asked to shut down.
    package var deaf: Set<String> = []

    package init() {}

    /// Takes one request's failure. `method` is the operation's name: `create_server`.
    mutating func take(_ method: String, isChange: Bool) -> Kind? {
        counts.take(method) { isChange || !$0.isForChanges }
    }

    /// Whether an action with that command is to fail now.
    mutating func takeAction(_ command: String) -> Bool {
        guard let left = failingActions[command], left > 0 else { return false }
        failingActions[command] = left > 1 ? left - 1 : nil
        return true
    }
}
