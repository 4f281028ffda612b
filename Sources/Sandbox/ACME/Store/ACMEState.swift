import Domain
import Foundation

/// Everything that the certificate authority remembers.
struct ACMEState: Sendable {
    /// Accounts, orders and certificates at a time; of orders and certificates the oldest go.
    static let most = 1000
    static let orderLives = Duration.seconds(7 * 86_400)
    static let proofLives = Duration.seconds(30 * 86_400)

    var nonces = ACMENonces()
    var failures = ACMEFailures()
    var accounts: [String: ACMEAccount] = [:]
    private(set) var orders: [ACMEOrder] = []
    private(set) var authorizations: [String: ACMEAuthorization] = [:]
    var certificates: [ACMEIssue] = []
    /// By certificate identifier: what renewal information says instead of the usual.
    var windows: [String: ACMERenewalWindow] = [:]
    /// Orders so far.
    private(set) var orderCount = 0
    private var lastID = 0

    mutating func nextID() -> String {
        lastID += 1
        return String(lastID)
    }

    func account(of key: ACMEPublicKey) -> ACMEAccount? { accounts.values.first { $0.key == key } }

    func order(_ id: String) -> ACMEOrder? { orders.first { $0.id == id } }

    func certificate(_ certID: String) -> ACMEIssue? { certificates.first { $0.certID == certID } }

    mutating func add(_ order: ACMEOrder) {
        orderCount += 1
        orders.append(order)
        guard orders.count > ACMEState.most else { return }
        let gone = orders.removeFirst()
        let needed = Set(orders.flatMap(\.authorizations))
        for id in gone.authorizations where !needed.contains(id) { authorizations[id] = nil }
    }

    private mutating func add(_ issue: ACMEIssue) {
        certificates.append(issue)
        if certificates.count > ACMEState.most { windows[certificates.removeFirst().certID] = nil }
    }

    mutating func update(_ order: ACMEOrder) {
        if let index = orders.firstIndex(where: { $0.id == order.id }) { orders[index] = order }
    }

    mutating func update(_ authorization: ACMEAuthorization) { authorizations[authorization.id] = authorization }

    /// Brings what depends on the time and on one another up to now (RFC 8555 §7.1.6).
    mutating func settle(_ now: Date) {
        for (id, authorization) in authorizations where authorization.expires <= now {
            if authorization.status == .pending { authorizations[id]?.status = .invalid }
            if authorization.status == .valid { authorizations[id]?.status = .expired }
        }
        for index in orders.indices {
            guard let coming = orders[index].coming, coming.at <= now else { continue }
            orders[index].coming = nil
            orders[index].status = .valid
            orders[index].certificate = coming.issue.id
            add(coming.issue)
        }
        for index in orders.indices where [.pending, .ready].contains(orders[index].status) {
            let proofs = orders[index].authorizations.compactMap { authorizations[$0]?.status }
            if orders[index].expires <= now || !proofs.allSatisfy({ $0 == .pending || $0 == .valid }) {
                orders[index].status = .invalid
                release(orders[index].replaces)
            } else if proofs.allSatisfy({ $0 == .valid }) {
                orders[index].status = .ready
            }
        }
    }

    /// A certificate that a failed order was to replace may be replaced by another one.
    mutating func release(_ certID: String?) {
        guard let index = certificates.firstIndex(where: { $0.certID == certID }) else { return }
        certificates[index].isReplaced = false
    }
}
