import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct EnsureTests {
    static let firewall: JSONValue = [
        "name": "p2p", "network": "main", "allow": ["tcp:30303", "udp:30303"], "source_ranges": ["0.0.0.0/0"],
        "target_tags": ["geth"],
    ]
    static let all: [(String, JSONValue)] = [
        ("gcp.network-ensure", CloudWorld.networkInputs), ("gcp.subnetwork-ensure", CloudWorld.subnetworkInputs),
        ("gcp.firewall-ensure", firewall), ("gcp.nat-ensure", ["name": "out", "network": "main"]),
        ("gcp.address-ensure", ["name": "rpc"]),
        ("gcp.address-ensure", ["name": "everywhere", "global": true]),
        (
            "gcp.health-check-ensure",
            ["name": "everywhere", "global": true, "type": "HTTP", "path": "/ready", "port": 80]
        ),
        ("gcp.disk-ensure", CloudWorld.diskInputs), ("gcp.instance-ensure", CloudWorld.instanceInputs),
        ("gcp.health-check-ensure", ["name": "rpc", "port": 8545]),
        (
            "gcp.instance-template-ensure",
            [
                "name": "geth-1", "machine_type": "n2-standard-8",
                "image": "projects/debian-cloud/global/images/family/debian-12", "boot_size": "50GiB",
                "subnetwork": "nodes", "network_tags": ["geth"],
            ]
        ),
        (
            "gcp.instance-group-ensure",
            ["name": "geth", "template": "geth-1", "size": 1, "named_ports": ["rpc": "8545"]]
        ),
        ("gcp.autoscaler-ensure", ["name": "geth", "group": "geth", "min": 1, "max": 3]),
        ("gcp.backend-ensure", ["name": "rpc", "health_check": "rpc", "groups": ["europe-west3-a/geth"]]),
        ("gcp.forwarding-rule-ensure", ["name": "rpc", "backend": "rpc", "address": "rpc", "ports": ["8545"]]),
    ]

    @Test func `everything is made from nothing, and then there is nothing to do with one look at each`() async throws {
        try await CloudWorld.run { world in
            for (action, inputs) in Self.all {
                let plan = try await world.plan(action, inputs)
                #expect(plan.changes.count == 1 && plan.changes[0].contains("create"), "\(action): \(plan)")
                let made = try await world.perform(action, inputs)
                #expect(made["changed"] == true, "\(action): \(made)")
            }
            let before = world.methods.count
            for (action, inputs) in Self.all {
                let again = try await world.perform(action, inputs)
                #expect(again["changed"] == false, "\(action): \(again)")
                #expect(try await world.plan(action, inputs).changes.isEmpty, "\(action)")
            }
            let looks = world.methods.dropFirst(before)
            #expect(looks.count == 2 * Self.all.count)
            #expect(looks.allSatisfy { $0.hasSuffix(".get") })
        }
    }

    @Test func `everything that may be changed in place is, and shows as wanted afterwards`() async throws {
        let template: JSONValue = [
            "name": "geth-2", "machine_type": "n2-standard-4",
            "image": "projects/debian-cloud/global/images/family/debian-12", "boot_size": "50GiB",
            "subnetwork": "nodes",
        ]
        let changes: [(String, Int, [String: JSONValue])] = [
            ("gcp.network-ensure", 0, ["routing_mode": "GLOBAL"]),
            (
                "gcp.subnetwork-ensure", 1,
                ["private_google_access": false, "range": "10.10.0.0/19", "secondary_ranges": ["pods": "10.20.0.0/14"]]
            ),
            (
                "gcp.firewall-ensure", 2,
                [
                    "priority": 900, "log": true, "disabled": true, "allow": ["tcp:30303"], "target_tags": [],
                    "source_tags": ["bastion"],
                ]
            ),
            ("gcp.nat-ensure", 3, ["min_ports_per_vm": 256]), ("gcp.address-ensure", 4, ["labels": ["role": "rpc"]]),
            ("gcp.address-ensure", 5, ["labels": ["role": "rpc"]]),
            ("gcp.health-check-ensure", 6, ["port": 81, "path": "/live", "interval_seconds": 30, "healthy_after": 3]),
            ("gcp.disk-ensure", 7, ["size": "3TiB", "labels": ["role": "chain"]]),
            ("gcp.instance-ensure", 8, ["deletion_protection": true, "labels": ["role": "geth"]]),
            ("gcp.health-check-ensure", 9, ["unhealthy_after": 5, "timeout_seconds": 6]),
            ("gcp.instance-group-ensure", 11, ["template": "geth-2", "named_ports": ["ws": "8546"]]),
            ("gcp.autoscaler-ensure", 12, ["min": 2, "max": 4, "cpu_percent": 75]),
            ("gcp.backend-ensure", 13, ["groups": [], "draining_seconds": 60, "session_affinity": "CLIENT_IP"]),
            ("gcp.forwarding-rule-ensure", 14, ["labels": ["role": "rpc"]]),
        ]
        try await CloudWorld.run { world in
            for (action, inputs) in Self.all { try await world.perform(action, inputs) }
            try await world.perform("gcp.instance-template-ensure", template)
            for (action, index, members) in changes {
                #expect(Self.all[index].0 == action)
                let inputs = Self.all[index].1.with(members)
                #expect(try await !world.plan(action, inputs).changes.isEmpty, "\(action)")
                let changed = try await world.perform(action, inputs)
                #expect(changed["changed"] == true, "\(action)")
                let after = try await world.plan(action, inputs).changes
                #expect(after.isEmpty, "\(action): \(after)")
            }
        }
    }

    @Test func `the outputs say what was made`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let instance = try await world.perform("gcp.instance-ensure", CloudWorld.instanceInputs)
            #expect(instance["internal_ip"]?.stringValue?.hasPrefix("10.10.") == true)
            #expect(instance["external_ip"]?.stringValue?.isEmpty == false)
            #expect(instance["status"] == "RUNNING")
            let disk = try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            #expect(disk["size_gib"] == 2048)
            #expect(disk["summary"] == "disk chain-0 is as wanted")
            let address = try await world.perform("gcp.address-ensure", ["name": "rpc"])
            #expect(address["address"]?.stringValue?.isEmpty == false)
        }
    }

    @Test func `a change in one firewall rule plans and changes just that`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.network-ensure", CloudWorld.networkInputs)
            try await world.perform("gcp.firewall-ensure", Self.firewall)
            let changed = Self.firewall.with(["source_ranges": ["10.0.0.0/8"]])
            #expect(
                try await world.plan("gcp.firewall-ensure", changed).changes == [
                    "firewall rule p2p: sourceRanges: 0.0.0.0/0 → 10.0.0.0/8"
                ])
            let before = world.changes.count
            try await world.perform("gcp.firewall-ensure", changed)
            #expect(Array(world.changes.dropFirst(before)) == ["compute.firewalls.patch"])
            let sent = try #require(world.exchangesSeen.last { $0.methodID == "compute.firewalls.patch" })
            #expect(sent.request == ["name": "p2p", "sourceRanges": ["10.0.0.0/8"]])
        }
    }

    @Test func `a rule without a source is refused`() async throws {
        try await CloudWorld.run { world in
            let inputs: JSONValue = ["name": "p2p", "network": "main", "allow": ["tcp:30303"]]
            #expect(throws: Problem.self) { try world.action("gcp.firewall-ensure", inputs) }
        }
    }

    @Test func `what is there without the mark is only read, and refused where it differs`() async throws {
        try await CloudWorld.run { world in
            world.google.put(
                "\(CloudWorld.zone)/disks/chain-0",
                [
                    "sizeGb": "500", "type": .string("\(CloudWorld.zone)/diskTypes/pd-ssd"), "status": "READY",
                    "zone": .string(CloudWorld.zone), "labelFingerprint": "42WmSpB8rSM=",
                ])
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
                })
            #expect(error.message == "disk chain-0 is there, is not the bot's, and differs: sizeGb: 500 → 2048")
            #expect(error.hint?.contains("adopt it first") == true)
            await #expect(throws: ActionError.self) { try await world.plan("gcp.disk-ensure", CloudWorld.diskInputs) }
            let same = CloudWorld.diskInputs.with(["size": "500GiB"])
            let read = try await world.perform("gcp.disk-ensure", same)
            #expect(read["changed"] == false)
            #expect(read["summary"]?.stringValue?.contains("only read") == true)
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `what would need replacing is refused with the difference`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs.with(["type": "pd-balanced"]))
                })
            #expect(
                error.message
                    == "disk chain-0 would have to be replaced, which the bot does not do: type: pd-ssd → pd-balanced")
            #expect(world.changes == ["compute.disks.insert"])
        }
    }

    @Test func `a disk that people made larger stays as it is`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs.with(["size": "3TiB"]))
            let again = try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            #expect(again["changed"] == false)
            #expect(again["size_gib"] == 3072)
        }
    }

    @Test func `a disk larger than the settings allow is not made`() async throws {
        try await CloudWorld.run { world in
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs.with(["size": "8193GiB"]))
                })
            #expect(error.message == "disk chain-0 would have 8193 GiB, more than the 8 TiB that a disk may have")
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs.with(["size": "8TiB"]))
        }
    }

    @Test func `a subnetwork's range grows around the one that is there, and nowhere else`() async throws {
        try await CloudWorld.run { world in
            try await world.makeNetwork()
            let grown = CloudWorld.subnetworkInputs.with([
                "range": "10.10.0.0/18", "secondary_ranges": ["pods": "10.20.0.0/14"],
            ])
            try await world.perform("gcp.subnetwork-ensure", grown)
            let made = try #require(world.google.resource("\(CloudWorld.region)/subnetworks/nodes"))
            #expect(made["ipCidrRange"] == "10.10.0.0/18")
            #expect(made.at(path: "secondaryIpRanges.0.rangeName") == "pods")
            for range in ["10.10.0.0/20", "10.11.0.0/18"] {
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.subnetwork-ensure", grown.with(["range": .string(range)]))
                }
            }
        }
    }

    @Test func `an address, which takes labels only when it is there, is the bot's from its first moment on`()
        async throws
    {
        try await CloudWorld.run { world in
            let inputs: JSONValue = ["name": "rpc", "labels": ["role": "rpc"]]
            // The bot is killed between making and labelling it.
            world.google.failures.counts[.unavailable] = .init(1, methods: "compute.addresses.setLabels")
            await #expect(throws: ActionError.self) { try await world.perform("gcp.address-ensure", inputs) }
            let path = "\(CloudWorld.region)/addresses/rpc"
            #expect(world.google.resource(path)?["labels"]?["defimon"] == nil)
            try await world.perform("gcp.address-ensure", inputs)
            #expect(world.google.resource(path)?["labels"] == ["defimon": "infrastructure", "role": "rpc"])
            let inserted = try #require(world.exchangesSeen.first { $0.methodID == "compute.addresses.insert" })
            #expect(inserted.request["labels"] == nil)
            #expect(inserted.request["description"] == "defimon infrastructure")
        }
    }

    @Test func `a NAT gateway is changed, and another one on the router stays`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.network-ensure", CloudWorld.networkInputs)
            let inputs: JSONValue = ["name": "out", "network": "main"]
            try await world.perform("gcp.nat-ensure", inputs)
            let path = "\(CloudWorld.region)/routers/out"
            let router = try #require(world.google.resource(path)?.objectValue)
            let other: JSONValue = ["name": "by-hand", "natIpAllocateOption": "AUTO_ONLY"]
            world.google.put(
                path, router.merging(["nats": .array((router["nats"]?.arrayValue ?? []) + [other])]) { $1 })
            #expect(try await world.plan("gcp.nat-ensure", inputs).changes.isEmpty)
            try await world.perform("gcp.nat-ensure", inputs.with(["min_ports_per_vm": 128]))
            let nats = try #require(world.google.resource(path)?["nats"]?.arrayValue)
            #expect(nats.first { $0["name"] == "out" }?["minPortsPerVm"] == 128)
            #expect(nats.contains { $0["name"] == "by-hand" })
        }
    }

    @Test func `an instance changes while it runs in tags, metadata, labels and disks, and others' stay`() async throws
    {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            try await world.perform(
                "gcp.disk-ensure", CloudWorld.diskInputs.with(["name": "chain-1", "size": "100GiB"]))
            let changed = CloudWorld.instanceInputs.with([
                "network_tags": ["geth", "rpc"], "startup_script": "#!/bin/sh\necho hunter2\n",
                "disks": ["chain-0", "chain-1"], "labels": ["role": "geth"],
            ])
            let plan = try await world.plan("gcp.instance-ensure", changed)
            #expect(plan.changes.count == 4)
            #expect(plan.changes.contains("instance geth-0: metadata: startup-script changes"))
            #expect(!"\(plan)".contains("hunter2"))
            let result = try await world.perform("gcp.instance-ensure", changed)
            #expect(result["changed"] == true)
            let instance = try #require(world.google.resource("\(CloudWorld.zone)/instances/geth-0"))
            #expect(instance.at(path: "labels.role") == "geth")
            #expect(instance.at(path: "labels.defimon") == "infrastructure")
            #expect(instance["disks"]?.arrayValue?.count == 3)
            let keys = instance.at(path: "metadata.items")?.arrayValue?.compactMap { $0["key"]?.stringValue }
            #expect(keys?.sorted() == ["enable-oslogin", "startup-script"])
            #expect(try await world.plan("gcp.instance-ensure", changed).changes.isEmpty)
        }
    }

    @Test func `another machine type is left to the action that stops the machine`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.plan(
                        "gcp.instance-ensure", CloudWorld.instanceInputs.with(["machine_type": "n2-standard-4"]))
                })
            #expect(error.hint?.contains("gcp.instance-set-machine-type") == true)
        }
    }

    @Test func `a request whose answer is lost is not made twice`() async throws {
        try await CloudWorld.run { world in
            world.google.failures.counts[.resetAfterwards] = .init(1, methods: "compute.disks.insert")
            let key = UUID().uuidString
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs, key: key)
                })
            #expect(error.mayHaveTakenEffect)
            #expect(error.retry == .later(afterMilliseconds: nil))
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs, key: key, attempt: 2)
            #expect(world.google.paths(containing: "/disks/chain-0").count == 1)
        }
    }

    @Test func `an operation that failed is asked for anew, not answered with its old failure`() async throws {
        try await CloudWorld.run { world in
            world.google.failures.failingOperations["insert"] = 1
            let key = UUID().uuidString
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs, key: key)
                })
            #expect(error.message.contains("INTERNAL_ERROR"))
            #expect(error.retry == .later(afterMilliseconds: nil))
            let made = try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs, key: key, attempt: 2)
            #expect(made["changed"] == true)
        }
    }

    @Test func `a thing that shows late is waited for`() async throws {
        try await CloudWorld.run { world in
            world.google.failures.hiddenFor = 4000
            let made = try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            #expect(made["changed"] == true)
            #expect(world.google.paths(containing: "/disks/chain-0").count == 1)
        }
    }

    @Test func `quota, stockout and a missing permission are told in Google's words`() async throws {
        try await CloudWorld.run { world in
            try await world.makeNetwork()
            world.google.failures.quotas["SSD_TOTAL_GB"] = 500
            let quota = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
                })
            #expect(quota.message.contains("SSD_TOTAL_GB") && quota.message.contains("500"), "\(quota)")
            #expect(quota.hint?.contains("quota") == true)
            #expect(quota.retry == .never)
            world.google.failures.quotas = [:]
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            world.google.failures.stockout = ["europe-west3-a"]
            let stockout = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.instance-ensure", CloudWorld.instanceInputs)
                })
            #expect(stockout.message.contains("ZONE_RESOURCE_POOL_EXHAUSTED"), "\(stockout)")
            #expect(stockout.retry == .never)
            world.google.failures.stockout = []
            world.google.failures.denied = ["compute.instances.create"]
            let denied = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.instance-ensure", CloudWorld.instanceInputs)
                })
            #expect(denied.hint?.contains("grant compute.instances.create") == true, "\(denied)")
        }
    }

    @Test func `the custom role is enough for all of it`() async throws {
        try await CloudWorld.run(permissions: Set(ActionPermissions.all)) { world in
            for (action, inputs) in Self.all {
                #expect(try await world.perform(action, inputs)["changed"] == true, "\(action)")
            }
            try await world.perform("gcp.disk-resize", ["disk": "chain-0", "size": "+20%"])
            try await world.perform("gcp.disk-snapshot", ["disk": "chain-0"])
            try await world.perform("gcp.instance-reset", ["instance": "geth-0"])
            try await world.perform(
                "gcp.instance-set-machine-type", ["instance": "geth-0", "machine_type": "n2-standard-4"])
            try await world.perform("gcp.instance-serial-output", ["instance": "geth-0"])
        }
    }
}
