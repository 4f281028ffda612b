package import Domain
package import Outbound
import Synchronization

/// Speaks with one CA for one account (RFC 8555). All that throws throws `ACMEError`, or `CancellationError`.
package struct ACMEClient: Sendable {
    let connection: ACMEConnection
    let key: ACMEKey
    private let accountURL: AccountURL

    /// Remembers the account, once it is known.
    private final class AccountURL: Sendable {
        let value: Mutex<String?>

        init(_ value: String?) { self.value = Mutex(value) }
    }

    /// `directory` is the URL of the CA's directory.
    package init(directory: String, key: ACMEKey, session: HTTPSession, time: any TimeSource) {
        self.init(
            connection: ACMEConnection(directory: directory, session: session, time: time), key: key, account: nil)
    }

    init(connection: ACMEConnection, key: ACMEKey, account: String?) {
        self.connection = connection
        self.key = key
        accountURL = AccountURL(account)
    }

    /// What the CA offers; read once, and kept.
    package func directory() async throws -> ACMEDirectory { try await connection.directory() }

    func remember(_ account: ACMEAccount) { accountURL.value.withLock { $0 = account.url } }

    /// The account's URL, which is asked for when it is not known yet.
    func account() async throws -> String {
        if let known = accountURL.value.withLock({ $0 }) { return known }
        guard let found = try await findAccount() else {
            throw ACMEError.unusable("the CA \(connection.host) knows no account of this key")
        }
        return found.url
    }

    /// A request that the account signs; nil: it only reads.
    func post(_ payload: JSONValue?, to url: String, _ doing: String, accept: String = "application/json") async throws
        -> ACMEAnswer
    {
        let signer = SignedMessage.Signer.account(key, url: try await account())
        return try await connection.post(payload, to: url, as: signer, doing, accept: accept)
    }
}
