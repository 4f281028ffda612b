import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Load balancers and groups of instances in Compute Engine's stand-in. The trimmed discovery documents lack most of
/// these kinds.
@Suite struct GoogleCloudBalancingTests {
    private typealias Fixture = GoogleCloudFixture
    private let zone = GoogleCloudFixture.zone
    private let region = GoogleCloudFixture.region
    private let global = GoogleCloudFixture.global

    /// A group with one instance behind a regional backend service.
    private func makeBackend(_ google: GoogleCloudFixture) async throws {
        try await google.makeInstance()
        try await google.done("POST", "\(zone)/instanceGroups", ["name": "geth", "network": "global/networks/main"])
        try await google.done(
            "POST", "\(zone)/instanceGroups/geth/addInstances",
            ["instances": [["instance": "zones/europe-west3-a/instances/geth-0"]]])
        try await google.done(
            "POST", "\(region)/healthChecks", ["name": "geth", "type": "TCP", "tcpHealthCheck": ["port": 8545]])
        try await google.done(
            "POST", "\(region)/backendServices",
            [
                "name": "geth", "protocol": "TCP", "healthChecks": ["regions/europe-west3/healthChecks/geth"],
                "backends": [["group": "zones/europe-west3-a/instanceGroups/geth"]],
            ])
    }

    @Test func aBackendShowsTheHealthOfItsInstances() async throws {
        try await Fixture().run { google in
            try await makeBackend(google)
            let path = "\(region)/backendServices/geth/getHealth"
            let body: JSONValue = ["group": .string("\(zone)/instanceGroups/geth")]
            let well = try await google.call("POST", path, body).json
            #expect(well.at(path: "healthStatus.0.healthState") == "HEALTHY")
            google.google.setHealth("\(zone)/instances/geth-0", isWell: false)
            #expect(
                try await google.call("POST", path, body).json.at(path: "healthStatus.0.healthState") == "UNHEALTHY")
        }
    }

    @Test func aForwardingRuleHoldsItsAddress() async throws {
        try await Fixture().run { google in
            try await makeBackend(google)
            try await google.done(
                "POST", "\(region)/addresses", ["name": "rpc", "labels": ["defimon": "infrastructure"]])
            let address = try await google.get("\(region)/addresses/rpc")
            #expect(address["status"] == "RESERVED")
            try await google.done(
                "POST", "\(region)/forwardingRules",
                [
                    "name": "rpc", "IPAddress": address["address"] ?? "", "portRange": "8545",
                    "backendService": "regions/europe-west3/backendServices/geth",
                ])
            #expect(try await google.get("\(region)/addresses/rpc")["status"] == "IN_USE")
            #expect(
                try await google.refusal("DELETE", "\(region)/addresses/rpc").reason == "resourceInUseByAnotherResource"
            )
            #expect(
                try await google.refusal("DELETE", "\(region)/backendServices/geth").reason
                    == "resourceInUseByAnotherResource")
            try await google.done("DELETE", "\(region)/forwardingRules/rpc")
            #expect(try await google.get("\(region)/addresses/rpc")["status"] == "RESERVED")
        }
    }

    @Test func anInstanceIsTakenOutOfItsGroup() async throws {
        try await Fixture().run { google in
            try await makeBackend(google)
            let group = "\(zone)/instanceGroups/geth"
            let body: JSONValue = ["instances": [["instance": "zones/europe-west3-a/instances/geth-0"]]]
            #expect(try await google.refusal("POST", "\(group)/addInstances", body).reason == "memberAlreadyExists")
            try await google.done("POST", "\(group)/removeInstances", body)
            #expect(try await google.get(group)["size"] == 0)
            #expect(try await google.call("POST", "\(group)/listInstances", [:]).json["items"] == [])
        }
    }

    @Test func aHealthCheckWaitsNoLongerThanItsInterval() async throws {
        try await Fixture().run { google in
            let refusal = try await google.refusal(
                "POST", "\(global)/healthChecks",
                ["name": "geth", "type": "TCP", "checkIntervalSec": 5, "timeoutSec": 6])
            #expect(refusal.message.contains("checkIntervalSec"))
        }
    }

    @Test func aManagedGroupHasAsManyInstancesAsWanted() async throws {
        try await Fixture().run { google in
            try await google.makeNetwork()
            let properties: JSONValue = [
                "machineType": "e2-standard-4",
                "networkInterfaces": [["subnetwork": "regions/europe-west3/subnetworks/nodes"]],
                "disks": [
                    [
                        "boot": true,
                        "initializeParams": ["sourceImage": "projects/debian-cloud/global/images/family/debian-12"],
                    ]
                ],
            ]
            try await google.done("POST", "\(global)/instanceTemplates", ["name": "node", "properties": properties])
            try await google.done(
                "POST", "\(zone)/instanceGroupManagers",
                [
                    "name": "nodes", "baseInstanceName": "node", "targetSize": 2,
                    "instanceTemplate": "global/instanceTemplates/node",
                ])
            let path = "\(zone)/instanceGroupManagers/nodes"
            #expect(google.google.paths(containing: "/instances/node-").count == 2)
            try await google.done("POST", "\(path)/resize?size=3")
            #expect(google.google.paths(containing: "/instances/node-").count == 3)
            #expect(try await google.get(path)["status"]?["isStable"] == true)
            let all = try await google.call("POST", "\(path)/listManagedInstances").json
            #expect(all["managedInstances"]?.arrayValue?.count == 3)
            try await google.done(
                "POST", "\(zone)/autoscalers",
                [
                    "name": "nodes", "target": "zones/europe-west3-a/instanceGroupManagers/nodes",
                    "autoscalingPolicy": ["minNumReplicas": 4, "maxNumReplicas": 6],
                ])
            #expect(google.google.paths(containing: "/instances/node-").count == 4)
            #expect(try await google.refusal("DELETE", path).reason == "resourceInUseByAnotherResource")
        }
    }
}
