import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct AdoptionTests {
    private func putDisk(_ world: CloudWorld, labels: JSONValue = [:]) {
        world.google.put(
            "\(CloudWorld.zone)/disks/chain-0",
            [
                "sizeGb": "500", "type": .string("\(CloudWorld.zone)/diskTypes/pd-ssd"), "status": "READY",
                "zone": .string(CloudWorld.zone), "labels": labels, "labelFingerprint": "42WmSpB8rSM=",
            ])
    }

    @Test func `a thing with labels is marked, keeps its others, and may then be changed`() async throws {
        try await CloudWorld.run { world in
            putDisk(world, labels: ["team": "chain"])
            let inputs: JSONValue = ["things": [CloudWorld.diskInputs.with(["kind": "disk"])]]
            let plan = try await world.plan("gcp.adopt", inputs)
            #expect(plan.changes == ["disk chain-0: adopted by the pool infrastructure"])
            #expect(plan.notes == ["differs: disk chain-0: sizeGb: 500 → 2048"])
            let result = try await world.perform("gcp.adopt", inputs)
            #expect(result["changed"] == true)
            #expect(result["differs"] == ["disk chain-0: sizeGb: 500 → 2048"])
            let labels = world.google.resource("\(CloudWorld.zone)/disks/chain-0")?["labels"]
            #expect(labels == ["team": "chain", "defimon": "infrastructure"])
            #expect(try await world.perform("gcp.adopt", inputs)["changed"] == false)
            #expect(try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)["size_gib"] == 2048)
        }
    }

    @Test func `a network, which takes no mark later, is kept as adopted in the ledger`() async throws {
        try await CloudWorld.run { world in
            world.google.put(
                "\(CloudWorld.global)/networks/main",
                ["autoCreateSubnetworks": false, "routingConfig": ["routingMode": "GLOBAL"]])
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.network-ensure", CloudWorld.networkInputs)
            }
            let inputs: JSONValue = ["things": [CloudWorld.networkInputs.with(["kind": "network"])]]
            let adopted = try await world.perform("gcp.adopt", inputs)
            #expect(adopted["changed"] == true)
            #expect(world.changes.isEmpty)
            #expect(world.kept.keys == ["adopted/google-cloud/projects/example-project/global/networks/main"])
            let changed = try await world.perform("gcp.network-ensure", CloudWorld.networkInputs)
            #expect(changed["changed"] == true)
        }
    }

    @Test func `a firewall rule's description says whose it is, and what it said before`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.network-ensure", CloudWorld.networkInputs)
            let rule: JSONValue = [
                "name": "p2p", "network": "main", "allow": ["tcp:30303"], "source_ranges": ["0.0.0.0/0"],
            ]
            world.google.put(
                "\(CloudWorld.global)/firewalls/p2p",
                [
                    "network": .string("\(CloudWorld.global)/networks/main"), "direction": "INGRESS", "priority": 1000,
                    "allowed": [["IPProtocol": "tcp", "ports": ["30303"]]], "sourceRanges": ["0.0.0.0/0"],
                    "description": "by hand", "disabled": false,
                ])
            try await world.perform("gcp.adopt", ["things": [rule.with(["kind": "firewall"])]])
            let found = try #require(world.google.resource("\(CloudWorld.global)/firewalls/p2p"))
            #expect(found["description"] == "defimon infrastructure (before: by hand)")
            try await world.perform("gcp.firewall-ensure", rule.with(["priority": 900]))
        }
    }

    @Test func `what belongs to another pool is not taken`() async throws {
        try await CloudWorld.run { world in
            putDisk(world, labels: ["defimon": "analytics"])
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.adopt", ["things": [CloudWorld.diskInputs.with(["kind": "disk"])]])
                })
            #expect(error.message == "disk chain-0 belongs to the pool analytics")
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `one list adopts what is there, and then makes what is not`() async throws {
        try await CloudWorld.run { world in
            putDisk(world)
            let inputs: JSONValue = [
                "things": [
                    CloudWorld.networkInputs.with(["kind": "network"]),
                    CloudWorld.diskInputs.with(["kind": "disk", "size": "500GiB"]),
                ]
            ]
            let plan = try await world.plan("gcp.adopt", inputs)
            #expect(plan.changes == ["disk chain-0: adopted by the pool infrastructure"])
            #expect(plan.notes == ["network main is not there"])
            let result = try await world.perform("gcp.adopt", inputs)
            #expect(result["adopted"] == ["disk chain-0"])
            #expect(result["missing"] == ["network main"])
            #expect(result["summary"] == "1 adopted of 1 that are there, 0 differences, 1 not there")
            let made = try await world.perform("gcp.ensure", inputs)
            #expect(made["summary"] == "1 change of 2 things")
        }
    }

    @Test func `when one belongs to another pool nothing is marked`() async throws {
        try await CloudWorld.run { world in
            putDisk(world, labels: ["defimon": "analytics"])
            world.google.put(
                "\(CloudWorld.zone)/disks/chain-1", ["sizeGb": "10", "labels": [:], "labelFingerprint": "42WmSpB8rSM="])
            let disk = CloudWorld.diskInputs.with(["kind": "disk"])
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.adopt", ["things": [disk.with(["name": "chain-1"]), disk]])
            }
            #expect(world.changes.isEmpty)
        }
    }
}
