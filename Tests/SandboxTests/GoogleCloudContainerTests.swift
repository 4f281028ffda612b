import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Kubernetes Engine's stand-in.
@Suite struct GoogleCloudContainerTests {
    private typealias Fixture = GoogleCloudFixture
    private let region = "projects/example-project/locations/europe-west3"
    private let zone = "projects/example-project/locations/europe-west3-a"

    private func call(
        _ google: GoogleCloudFixture, _ method: String, _ path: String, _ body: JSONValue? = nil, token: Secret? = nil
    ) async throws -> HTTPResponse {
        try await google.call(method, path, body, token: token, root: "/v1/")
    }

    private func get(_ google: GoogleCloudFixture, _ path: String) async throws -> JSONValue {
        try await call(google, "GET", path).json
    }

    /// Makes a change, lets its operation end, and returns the operation.
    @discardableResult
    private func done(
        _ google: GoogleCloudFixture, _ method: String, _ path: String, _ body: JSONValue? = nil
    ) async throws -> JSONValue {
        let answer = try await call(google, method, path, body)
        #expect(answer.status == 200, "\(answer.text)")
        google.time.advance(by: .seconds(10))
        let location = path.split(separator: "/").prefix(4).joined(separator: "/")
        return try await get(google, "\(location)/operations/\(try answer.json["name"]?.stringValue ?? "")")
    }

    private func cluster(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let body: [String: JSONValue] = [
            "name": "infrastructure", "network": "main", "subnetwork": "nodes",
            "nodePools": [["name": "cpu", "initialNodeCount": 1, "config": ["machineType": "n2-standard-8"]]],
            "ipAllocationPolicy": ["useIpAliases": true], "privateClusterConfig": ["enablePrivateNodes": true],
            "workloadIdentityConfig": ["workloadPool": "example-project.svc.id.goog"],
            "releaseChannel": ["channel": "STABLE"],
        ]
        return ["cluster": .object(body.merging(more) { $1 }.filter { $0.value != .null })]
    }

    private func makeCluster(_ google: GoogleCloudFixture) async throws {
        try await google.makeNetwork()
        try await done(google, "POST", "\(region)/clusters", cluster())
    }

    @Test func aRegionalClusterComesUpWithItsPoolInThreeZones() async throws {
        let access = GoogleCloudStandIn.ClusterAccess(endpoint: "127.0.0.1:6443", caCertificate: "PEM")
        try await Fixture { $0.cluster = { name in name == "infrastructure" ? access : nil } }.run { google in
            try await google.makeNetwork()
            let operation = try await call(google, "POST", "\(region)/clusters", cluster()).json
            #expect(operation["operationType"] == "CREATE_CLUSTER")
            #expect(try await get(google, "\(region)/clusters/infrastructure")["status"] == "PROVISIONING")
            google.time.advance(by: .seconds(10))
            let made = try await get(google, "\(region)/clusters/infrastructure")
            #expect(made["status"] == "RUNNING")
            #expect(made["endpoint"] == "127.0.0.1:6443")
            #expect(made["masterAuth"]?["clusterCaCertificate"] == "UEVN")
            #expect(made["currentNodeCount"] == 3)
            #expect(made["nodePools"]?.arrayValue?.count == 1)
            #expect(try await get(google, "\(region)/clusters")["clusters"]?.arrayValue?.count == 1)
        }
    }

    @Test func aZonalClusterHasItsNodesInOneZone() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            try await done(google, "POST", "\(zone)/clusters", cluster())
            let made = try await get(google, "\(zone)/clusters/infrastructure")
            #expect(made["currentNodeCount"] == 1)
            #expect(made["zone"] == "europe-west3-a")
        }
    }

    @Test func aSecondClusterOfTheNameIsRefusedAlsoWhileTheFirstIsMade() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            _ = try await call(google, "POST", "\(region)/clusters", cluster())
            let second = Fixture.Refusal(try await call(google, "POST", "\(region)/clusters", cluster()))
            #expect(second.status == 409)
            #expect(second.reason == "ALREADY_EXISTS")
            #expect(second.message == "Already exists: \(region)/clusters/infrastructure.")
        }
    }

    @Test(
        arguments: [
            (["network": "nope"], "Network \"nope\" does not exist"),
            (["subnetwork": .null], "requires specifying a subnetwork"),
            (["workloadIdentityConfig": ["workloadPool": "other.svc.id.goog"]], "Invalid workload pool"),
            (["ipAllocationPolicy": .null], "must use IP aliases"), (["nodePools": .null], "greater than zero"),
            (["name": "Infrastructure"], "Must be a match of regex"),
        ] as [([String: JSONValue], String)])
    func aClusterThatCannotBeIsRefused(_ change: [String: JSONValue], _ words: String) async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let refusal = Fixture.Refusal(try await call(google, "POST", "\(region)/clusters", cluster(change)))
            #expect(refusal.status == 400)
            #expect(refusal.message.contains(words))
        }
    }

    @Test func aPoolOfGPUsHasAcceleratorsAndTaints() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            let pools = "\(region)/clusters/infrastructure/nodePools"
            let pool: JSONValue = [
                "name": "gpu", "initialNodeCount": 0,
                "autoscaling": ["enabled": true, "minNodeCount": 0, "maxNodeCount": 2],
                "config": [
                    "machineType": "g2-standard-8",
                    "accelerators": [["acceleratorType": "nvidia-l4", "acceleratorCount": "1"]],
                    "taints": [["key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"]],
                ],
            ]
            try await done(google, "POST", pools, ["nodePool": pool])
            let made = try await get(google, "\(pools)/gpu")
            #expect(made["status"] == "RUNNING")
            #expect(made.at(path: "config.accelerators.0.acceleratorType") == "nvidia-l4")
            #expect(made.at(path: "config.taints.0.effect") == "NO_SCHEDULE")
            #expect(made.at(path: "config.workloadMetadataConfig.mode") == "GKE_METADATA")
        }
    }

    @Test func aPoolIsResizedAndScaled() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            let pool = "\(region)/clusters/infrastructure/nodePools/cpu"
            try await done(google, "POST", "\(pool):setSize", ["nodeCount": 2])
            #expect(try await get(google, "\(region)/clusters/infrastructure")["currentNodeCount"] == 6)
            try await done(
                google, "POST", "\(pool):setAutoscaling",
                ["autoscaling": ["enabled": true, "minNodeCount": 3, "maxNodeCount": 5]])
            #expect(try await get(google, pool)["autoscaling"]?["maxNodeCount"] == 5)
            #expect(try await get(google, "\(region)/clusters/infrastructure")["currentNodeCount"] == 9)
        }
    }

    @Test func aPoolsTaintsAreUpdated() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            let pool = "\(region)/clusters/infrastructure/nodePools/cpu"
            let taint: JSONValue = ["key": "dedicated", "value": "geth", "effect": "NO_EXECUTE"]
            try await done(google, "PUT", pool, ["taints": ["taints": [taint]]])
            #expect(try await get(google, pool).at(path: "config.taints") == [taint])
        }
    }

    @Test func oneOperationAtATimeInACluster() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            let pool = "\(region)/clusters/infrastructure/nodePools/cpu"
            let first =
                try await call(google, "POST", "\(pool):setSize", ["nodeCount": 2]).json["name"]?.stringValue ?? ""
            let second = Fixture.Refusal(try await call(google, "POST", "\(pool):setSize", ["nodeCount": 3]))
            #expect(second.reason == "FAILED_PRECONDITION")
            #expect(second.message == "Cluster is running incompatible operation \(first).")
        }
    }

    @Test func aClusterTakesOneUpdateAtATime() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            let path = "\(region)/clusters/infrastructure"
            try await done(google, "PUT", path, ["update": ["desiredReleaseChannel": ["channel": "REGULAR"]]])
            #expect(try await get(google, path)["releaseChannel"] == ["channel": "REGULAR"])
            let both = Fixture.Refusal(
                try await call(
                    google, "PUT", path,
                    ["update": ["desiredReleaseChannel": ["channel": "RAPID"], "desiredLoggingService": "none"]]))
            #expect(both.message.contains("one update at a time"))
        }
    }

    @Test func aZoneWithoutRoomEndsTheOperationWithAnError() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            google.google.failures.stockout = ["europe-west3-b"]
            let pools = "\(region)/clusters/infrastructure/nodePools"
            let operation = try await done(
                google, "POST", pools, ["nodePool": ["name": "more", "initialNodeCount": 1]])
            #expect(operation["status"] == "DONE")
            #expect(operation["error"]?["code"] == 8)
            #expect(try await get(google, "\(pools)/more")["status"] == "ERROR")
        }
    }

    @Test func aMissingPermissionIsNamedInTheDetailsToo() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            let token = google.google.token(permissions: ["container.clusters.get"])
            let path = "\(region)/clusters/infrastructure"
            #expect(try await call(google, "GET", path, token: token).status == 200)
            let answer = try await call(google, "DELETE", path, token: token)
            #expect(answer.status == 403)
            #expect(
                try answer.json.at(path: "error.details.0.metadata.permission") == "container.clusters.delete")
        }
    }

    @Test func aDeletedClusterLeavesNothing() async throws {
        try await Fixture().run { google in
            try await makeCluster(google)
            try await done(google, "DELETE", "\(region)/clusters/infrastructure")
            #expect(google.google.paths(containing: "/clusters/").isEmpty)
            #expect(try await call(google, "GET", "\(region)/clusters/infrastructure").status == 404)
        }
    }
}
