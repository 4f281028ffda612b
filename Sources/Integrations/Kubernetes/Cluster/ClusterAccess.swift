import Domain
import Foundation

/// All that is needed to speak to one API server.
struct ClusterAccess: Sendable, Hashable {
    enum Credential: Sendable, Hashable {
        case none
        case token(Secret)
        /// The file is read for every request, because it is replaced while we run.
        case tokenFile(String)
        /// A program is asked for the token.
        case plugin(ExecPlugin)
        /// The provider that runs the cluster is asked for the token.
        case hosted
    }

    /// Base address without a final slash.
    var server: String
    /// The name that the server's certificate must have, if it is not the address's host (kubeconfig's
    /// `tls-server-name`).
    var tlsServerName: String?
    /// PEM; nil: the machine's.
    var trustedCertificates: [UInt8]?
    var clientCertificate: [UInt8]?
    var clientKey: [UInt8]?
    var credential: Credential

    /// Throws when the address is none, or a credential would go over the network in clear.
    init(
        server: String, tlsServerName: String? = nil, trustedCertificates: [UInt8]? = nil,
        clientCertificate: [UInt8]? = nil, clientKey: [UInt8]? = nil, credential: Credential = .none
    ) throws(ClusterAccessError) {
        guard let parts = URLComponents(string: server), let host = parts.host, !host.isEmpty,
            parts.scheme == "https" || parts.scheme == "http", parts.query == nil, parts.user == nil
        else {
            throw ClusterAccessError("'\(server.prefix(200))' is no address such as https://10.0.0.1:6443")
        }
        if parts.scheme == "http", credential != .none, !ClusterAccess.isLoopback(host) {
            throw ClusterAccessError(
                "the token would go to \(host) unencrypted", hint: "use an https:// address for the API server")
        }
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.tlsServerName = tlsServerName
        self.trustedCertificates = trustedCertificates
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.credential = credential
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
    }
}

/// Why a cluster cannot be reached as it is configured.
struct ClusterAccessError: Error, Hashable {
    var message: String
    var hint: String?
    /// As an `ActionError`'s.
    var missing: String?

    init(_ message: String, hint: String? = nil, missing: String? = nil) {
        self.message = message
        self.hint = hint
        self.missing = missing
    }
}
