import Domain

/// The volumes of a namespace, for `/defimon status`.
package struct VolumeStatus: Sendable {
    /// One claim.
    package struct Volume: Sendable, Hashable {
        package var claim: String
        /// As Kubernetes writes it: `2Ti`; what is wanted, as long as it has no volume yet.
        package var size: String
        /// `Bound`, `Pending`, `Lost`.
        package var phase: String
    }

    private let clusters: ClusterDirectory

    package init(clusters: ClusterDirectory) { self.clusters = clusters }

    /// By name. Throws `ActionError` or `CancellationError`.
    package func volumes(cluster: String, namespace: String) async throws -> [Volume] {
        try await ClusterTarget(cluster, clusters).attempt("volumes cannot be looked at") { client in
            try await client.list(.volumeClaims, namespace: namespace).objects.map { claim in
                let wanted = claim["spec", "resources", "requests", "storage"]
                return Volume(
                    claim: claim.name, size: (claim["status", "capacity", "storage"] ?? wanted)?.plainText ?? "?",
                    phase: claim["status", "phase"]?.stringValue ?? "?")
            }.sorted { $0.claim < $1.claim }
        }
    }
}
