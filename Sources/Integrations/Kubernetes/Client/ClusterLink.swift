import Domain
import Outbound

/// The connections to one API server: at an address of the settings, or where a provider says that it is.
final class ClusterLink: Sendable {
    /// Watches have connections of their own, so that they never take those of requests.
    struct Open: Sendable {
        let base: String
        let requests: HTTPSession
        let watches: HTTPSession

        func shutdown() async {
            await requests.shutdown()
            await watches.shutdown()
        }
    }

    private enum Kind {
        case fixed(Open)
        case hosted(HostedLink)
    }

    private let kind: Kind

    init(_ open: Open) { kind = .fixed(open) }

    init(_ cluster: HostedCluster, of provider: any HostedClusters, clock: ClockCheck?) {
        kind = .hosted(HostedLink(cluster, of: provider, clock: clock))
    }

    /// Whether a provider says where it is.
    var isHosted: Bool { if case .hosted = kind { true } else { false } }

    /// Throws `ClusterAccessError` or `CancellationError` when the provider does not say where it is.
    func open() async throws -> Open {
        switch kind {
        case .fixed(let open): open
        case .hosted(let link): try await link.open()
        }
    }

    /// It cannot be reached there: a provider is asked anew before the next request.
    func isUnreachable() async {
        if case .hosted(let link) = kind { await link.lookAgain() }
    }

    func shutdown() async {
        switch kind {
        case .fixed(let open): await open.shutdown()
        case .hosted(let link): await link.shutdown()
        }
    }
}
