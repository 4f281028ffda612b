package import Domain
import Foundation
import Synchronization

/// Clusters of Kubernetes Engine, whose API servers take Google's tokens. The client comes later than whoever asks: its
/// own credentials may be kept in a cluster.
package final class GoogleClusters: HostedClusters {
    private let cloud = Mutex(CloudConnection())

    package init() {}

    /// From now on this client answers.
    package func use(_ client: GoogleCloudClient?) { cloud.withLock { $0 = CloudConnection(client) } }

    private var connection: CloudConnection { cloud.withLock { $0 } }

    package func address(of cluster: HostedCluster) async throws -> HostedClusterAddress {
        try await connection.attempt("the address of cluster \(cluster.name) cannot be had") { client in
            let path = "\(try parent(cluster, client.defaults))/clusters/\(cluster.name)"
            guard let found = try await client.find(GoogleCall(.container, "GET", path)) else {
                throw ActionError(
                    "there is no cluster \(path)", hint: "correct 'gke' in the settings, or make it first")
            }
            let endpoint =
                cluster.isInside
                ? found.at(path: "privateClusterConfig.privateEndpoint")?.stringValue : found["endpoint"]?.stringValue
            guard let endpoint, !endpoint.isEmpty else {
                throw ActionError(
                    "cluster \(cluster.name) has no address yet; it is \(found["status"]?.stringValue ?? "being made")",
                    retry: .later(afterMilliseconds: 30_000), mayHaveTakenEffect: false)
            }
            let encoded = found.at(path: "masterAuth.clusterCaCertificate")?.stringValue ?? ""
            let authority = Data(base64Encoded: encoded).map(Array.init) ?? []
            return HostedClusterAddress(
                // Google says a host; a stand-in may say a whole address.
                server: endpoint.contains("://") ? endpoint : "https://\(endpoint)",
                certificateAuthority: authority.isEmpty ? nil : authority)
        }
    }

    private func parent(_ cluster: HostedCluster, _ defaults: CloudDefaults) throws(ActionError) -> String {
        if let location = cluster.location { return "projects/\(defaults.project)/locations/\(location)" }
        guard let region = try defaults.region(nil).region else { throw ActionError("no location is named") }
        return "projects/\(defaults.project)/locations/\(region)"
    }

    package func token() async throws -> Secret {
        try await connection.attempt("Google gives no token for the cluster") { try await $0.accessToken() }
    }

    package func forget(_ token: Secret) async {
        // Without a client there was no token.
        try? await connection.client().forget(token)
    }
}
