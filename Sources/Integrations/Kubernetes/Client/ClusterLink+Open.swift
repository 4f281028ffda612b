import Domain
import Foundation
import Outbound

extension ClusterLink.Open {
    /// Throws when certificates or keys cannot be used.
    init(_ access: ClusterAccess, clock: ClockCheck?) throws(ClusterAccessError) {
        var configuration = HTTPSession.Configuration()
        configuration.trustedCertificates = access.trustedCertificates
        configuration.clientCertificate = access.clientCertificate
        configuration.clientKey = access.clientKey
        configuration.clock = clock
        let base = ClusterLink.Open.base(access, &configuration)
        var forWatches = configuration
        forWatches.connections = 64
        // Longer than a watch may live, so that only a dead connection meets it.
        forWatches.readTimeout = .seconds(ObjectFeed.watchSeconds + 30)
        let requests: HTTPSession
        do {
            requests = try HTTPSession(configuration)
        } catch {
            throw ClusterAccessError(error.message, hint: "check the CA, the client certificate and its key")
        }
        do {
            self.init(base: base, requests: requests, watches: try HTTPSession(forWatches))
        } catch {
            throw ClusterAccessError(error.message)
        }
    }

    /// The base address; with another name for the certificate, that name is in the address and the connection goes to
    /// the server's host.
    private static func base(_ access: ClusterAccess, _ configuration: inout HTTPSession.Configuration) -> String {
        guard let name = access.tlsServerName, var parts = URLComponents(string: access.server), let host = parts.host,
            host != name
        else { return access.server }
        configuration.connectTo = [name: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))]
        parts.host = name
        return parts.string ?? access.server
    }
}
