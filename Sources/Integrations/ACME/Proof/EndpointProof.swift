import Crypto
package import Domain
import Foundation
import Outbound

/// Looks whether a certificate is shown where it should be, at every address of every endpoint. Controllers and load
/// balancers take a while, so it looks again for some time.
package struct EndpointProof: Sendable {
    /// Between two looks, from the first to the longest.
    static let pauses: (first: Duration, longest: Duration) = (.seconds(1), .seconds(10))
    /// Addresses that are looked at side by side.
    static let atOnce = 8

    private let endpoints: [Endpoint]
    private let limit: Duration
    let resolve: @Sendable (String) async throws -> [HostAddress]
    let look: @Sendable (HostAddress, Endpoint) async throws -> PeerCertificate

    /// `limit` is how long it looks again at one endpoint.
    package init(endpoints: [Endpoint], limit: Duration = .seconds(120)) {
        self.init(endpoints: endpoints, limit: limit, resolve: HostAddress.resolve) { address, endpoint in
            try await TLSProbe.certificate(address: address, port: endpoint.port, serverName: endpoint.serverName)
        }
    }

    init(
        endpoints: [Endpoint], limit: Duration, resolve: @escaping @Sendable (String) async throws -> [HostAddress],
        look: @escaping @Sendable (HostAddress, Endpoint) async throws -> PeerCertificate
    ) {
        self.endpoints = endpoints
        self.limit = limit
        self.resolve = resolve
        self.look = look
    }

    /// Returns when all show the certificate whose DER this is; one line each, for people. Throws `ActionError` when one
    /// does not within the time limit: it names the addresses, and what they show instead.
    package func prove(_ leafDER: [UInt8], _ context: ActionContext) async throws(ActionError) -> [String] {
        let fingerprint = Hex.encode(SHA256.hash(data: leafDER))
        return try await ActionError.telling("it cannot be looked at what is shown") {
            var lines: [String] = []
            for endpoint in endpoints { lines.append(try await prove(endpoint, fingerprint, context)) }
            return lines
        }
    }

    private func prove(_ endpoint: Endpoint, _ fingerprint: String, _ context: ActionContext) async throws -> String {
        let end = context.time.now.advanced(by: limit)
        var pause = EndpointProof.pauses.first
        while true {
            let sight = try await sight(of: endpoint, fingerprint)
            if sight.isProven { return "\(endpoint) \(sight.words)" }
            guard context.time.now.advanced(by: pause) <= end else {
                throw ActionError(
                    "\(endpoint) does not show the new certificate after \(DurationText.human(limit)): \(sight.words)",
                    retry: .later(afterMilliseconds: nil),
                    hint: "see that whoever serves it takes the new one, and that no other server has the name")
            }
            context.progress("waits until \(endpoint) shows the new certificate")
            try await context.time.sleep(for: pause)
            pause = min(pause * 2, EndpointProof.pauses.longest)
        }
    }

    private func sight(of endpoint: Endpoint, _ fingerprint: String) async throws -> EndpointSight {
        do {
            let addresses = try await resolve(endpoint.host)
            let seen = try await Parallel.values(addresses, atOnce: EndpointProof.atOnce) { address in
                EndpointSight.Seen(address: address, what: try await what(address, endpoint, fingerprint))
            }
            return EndpointSight(seen: seen)
        } catch let failure as HostAddress.Failure {
            return EndpointSight(unresolved: failure.words(endpoint.host))
        }
    }

    private func what(_ address: HostAddress, _ endpoint: Endpoint, _ fingerprint: String) async throws
        -> EndpointSight.What
    {
        do {
            let certificate = try await look(address, endpoint)
            return certificate.fingerprint == fingerprint ? .itself : .other(certificate)
        } catch let failure as TLSProbe.Failure {
            return .nothing(failure)
        }
    }
}
