import Domain
import Outbound

/// The connections to a cluster whose address a provider tells. Whoever wants it while it is asked for waits for that
/// answer.
actor HostedLink {
    private struct Known {
        var address: HostedClusterAddress
        var open: ClusterLink.Open
    }

    private let cluster: HostedCluster
    private let provider: any HostedClusters
    private let clock: ClockCheck?
    private var known: Known?
    private var isOld = false
    /// Of addresses that held before: requests that are under way end with them.
    private var former: [ClusterLink.Open] = []
    private var asking: Task<HostedClusterAddress, any Error>?

    init(_ cluster: HostedCluster, of provider: any HostedClusters, clock: ClockCheck?) {
        self.cluster = cluster
        self.provider = provider
        self.clock = clock
    }

    func open() async throws -> ClusterLink.Open {
        if let known, !isOld { return known.open }
        // Not ended by the end of who asked first: the others wait for it too, and it has a bound of its own.
        let task = asking ?? Task { [cluster, provider] in try await provider.address(of: cluster) }
        asking = task
        defer { if asking == task { asking = nil } }
        let address: HostedClusterAddress
        do { address = try await task.value } catch let error as ActionError {
            throw ClusterAccessError(error.message, hint: error.hint, missing: error.missing)
        }
        isOld = false
        if let known, known.address == address { return known.open }
        let access = try ClusterAccess(
            server: address.server, trustedCertificates: address.certificateAuthority, credential: .hosted)
        let open = try ClusterLink.Open(access, clock: clock)
        if let known { former.append(known.open) }
        known = Known(address: address, open: open)
        return open
    }

    func lookAgain() { isOld = true }

    func shutdown() async {
        let all = former + (known.map { [$0.open] } ?? [])
        (former, known) = ([], nil)
        for open in all { await open.shutdown() }
    }
}
