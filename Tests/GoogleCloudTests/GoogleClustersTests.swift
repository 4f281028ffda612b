import Domain
import Foundation
import Sandbox
import Testing

@testable import GoogleCloud

@Suite struct GoogleClustersTests {
    private static let cluster: JSONValue = [
        "name": "infrastructure", "network": "main", "subnetwork": "nodes",
        "node_pool": ["name": "cpu", "machine_type": "n2-standard-8"],
    ]

    private func clusters(_ world: CloudWorld) throws -> GoogleClusters {
        let clusters = GoogleClusters()
        clusters.use(try world.cloud.client())
        return clusters
    }

    @Test func `a cluster's address, certificate and token come from Google`() async throws {
        let access = GoogleCloudStandIn.ClusterAccess(endpoint: "203.0.113.7", caCertificate: "PEM")
        try await CloudWorld.run({ $0.cluster = { _ in access } }) { world in
            try await world.makeNetwork()
            try await world.perform("gcp.cluster-ensure", Self.cluster)
            let clusters = try clusters(world)
            // The region of the settings.
            let address = try await clusters.address(of: HostedCluster(name: "infrastructure"))
            #expect(
                address == HostedClusterAddress(server: "https://203.0.113.7", certificateAuthority: Array("PEM".utf8)))
            let token = try await clusters.token()
            #expect(try await clusters.token() == token)
            await clusters.forget(token)
            #expect(try await clusters.token() != token)
        }
    }

    @Test func `a cluster that is not there is told with its whole path`() async throws {
        try await CloudWorld.run { world in
            let error = await #expect(throws: ActionError.self) {
                try await clusters(world).address(of: HostedCluster(name: "nope", location: "europe-west3-a"))
            }
            #expect(
                error?.message == "there is no cluster projects/example-project/locations/europe-west3-a/clusters/nope")
        }
    }

    @Test func `without a section for Google there is no address`() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await GoogleClusters().address(of: HostedCluster(name: "infrastructure"))
        }
        #expect(error?.message == "Google Cloud is not set up")
    }
}
