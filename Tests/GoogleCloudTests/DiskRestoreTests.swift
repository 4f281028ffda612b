import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

/// A disk out of a snapshot, in the place of the one that an instance has.
@Suite struct DiskRestoreTests {
    private static let restore: JSONValue = ["instance": "geth-0", "device": "chain-0", "name": "chain-0-42"]
    private static let swap: JSONValue = ["instance": "geth-0", "device": "chain-0", "disk": "chain-0-42"]
    private static let key = "6f1c2d3e-0000-4000-8000-00000000000c"

    /// `geth-0` with the disk `chain-0`, of which there are two snapshots and one that is not ready.
    private func run(_ body: @escaping @Sendable (CloudWorld) async throws -> Void) async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            for (name, at, status) in [
                ("older", "2026-09-18T10:00:00.000-07:00", "READY"),
                ("newer", "2026-09-19T01:00:00.000+02:00", "READY"),
                ("newest", "2026-09-20T10:00:00.000-07:00", "CREATING"),
            ] {
                world.put(snapshot: name, of: "chain-0", at: at, status: status)
            }
            world.put(snapshot: "others", of: "chain-1", at: "2026-09-20T00:00:00.000Z")
            try await body(world)
        }
    }

    private func attached(_ world: CloudWorld) -> [String: String] {
        let instance = world.google.resource("\(CloudWorld.zone)/instances/geth-0") ?? .null
        let disks = AttachedDisk.all(of: instance).filter { !$0.isBoot }
        return Dictionary(disks.map { ($0.device, $0.name) }, uniquingKeysWith: { $1 })
    }

    @Test func `The newest snapshot that is ready becomes a disk like the one that is there`() async throws {
        try await run { world in
            let plan = try await world.plan("gcp.disk-restore", Self.restore)
            #expect(
                plan.changes == ["disk chain-0-42: create, 2 TiB, of snapshot newer of 2026-09-18T23:00:00.000000Z"])
            #expect(plan.notes == ["disk chain-0-42 costs EUR 417.79 a month"])
            let made = try await world.perform("gcp.disk-restore", Self.restore)
            #expect(made["disk"] == "chain-0-42" && made["replaces"] == "chain-0" && made["snapshot"] == "newer")
            #expect(made["size"] == "2048GiB")
            let disk = try #require(world.google.resource("\(CloudWorld.zone)/disks/chain-0-42"))
            #expect(disk["type"]?.stringValue?.hasSuffix("/pd-ssd") == true)
            #expect(disk.at(path: "labels.defimon") == "infrastructure")
            #expect(attached(world) == ["chain-0": "chain-0"])
        }
    }

    @Test func `A restore that is cut off makes one disk, of the snapshot that was the newest then`() async throws {
        try await run { world in
            world.google.failures.counts[.resetAfterwards] = .init(1, methods: "compute.disks.insert")
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.disk-restore", Self.restore, key: Self.key)
            }
            world.put(snapshot: "latest", of: "chain-0", at: "2026-09-20T12:00:00.000Z")
            let made = try await world.perform("gcp.disk-restore", Self.restore, key: Self.key, attempt: 2)
            #expect(made["snapshot"] == "newer")
        }
    }

    @Test func `A snapshot that is named is taken, also another disk's`() async throws {
        try await run { world in
            let made = try await world.perform("gcp.disk-restore", Self.restore.with(["snapshot": "others"]))
            #expect(made["snapshot"] == "others")
        }
    }

    @Test(
        arguments: [
            (["snapshot": "gone"], "there is no snapshot gone"),
            (["snapshot": "newest"], "snapshot newest is CREATING, not READY"),
            (["device": "data"], "instance geth-0 has no disk under the device name data"),
            (["instance": "geth-9"], "there is no instance geth-9 in zones/europe-west3-a"),
        ] as [([String: JSONValue], String)])
    func `What cannot be restored is told, and nothing is made`(_ members: [String: JSONValue], _ words: String)
        async throws
    {
        try await run { world in
            let before = world.changes.count
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-restore", Self.restore.with(members))
                })
            #expect(error.message == words)
            #expect(world.changes.count == before)
        }
    }

    @Test func `Without a snapshot a person is told what is left`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let error = try #require(
                await #expect(throws: ActionError.self) { try await world.plan("gcp.disk-restore", Self.restore) })
            #expect(error.message == "there is no snapshot of disk chain-0 that is READY")
        }
    }

    @Test func `The new disk takes the place of the old one, which is kept and can be found`() async throws {
        try await run { world in
            #expect(
                try await world.plan("gcp.instance-swap-disk", Self.swap).changes == [
                    "instance geth-0: disk chain-0 is detached and kept, disk chain-0-42 is attached as chain-0"
                ])
            try await world.perform("gcp.disk-restore", Self.restore)
            let swapped = try await world.perform("gcp.instance-swap-disk", Self.swap)
            #expect(swapped["replaced"] == "chain-0" && swapped["changed"] == true)
            #expect(attached(world) == ["chain-0": "chain-0-42"])
            let old = try #require(world.google.resource("\(CloudWorld.zone)/disks/chain-0"))
            #expect(old["users"] == nil && old.at(path: "labels.defimon-replaced-by") == "chain-0-42")
            #expect(try await world.perform("gcp.instance-swap-disk", Self.swap)["changed"] == false)

            // Whoever wants the disk by its device means the new one from now on.
            #expect(try await world.plan("gcp.instance-ensure", CloudWorld.instanceInputs).changes.isEmpty)
            let grown = try await world.perform(
                "gcp.disk-resize", ["disk": "chain-0", "instance": "geth-0", "size": "3TiB"])
            #expect(grown["summary"] == "disk chain-0-42 has 3 TiB now")
            #expect(world.google.resource("\(CloudWorld.zone)/disks/chain-0")?["sizeGb"] == "2048")
            let snapshot = try await world.perform("gcp.disk-snapshot", ["disk": "chain-0", "instance": "geth-0"])
            let made = try #require(snapshot["snapshot"]?.stringValue)
            let source = world.google.resource("\(CloudWorld.global)/snapshots/\(made)")?["sourceDisk"]?.stringValue
            #expect(source?.hasSuffix("/disks/chain-0-42") == true)
        }
    }

    @Test(
        arguments: ["disks.setLabels", "instances.detachDisk", "instances.attachDisk"],
        [GoogleCloudFailures.Kind.reset, .resetAfterwards])
    func `A swap that is cut off anywhere is taken up, and ends with the new disk`(
        _ method: String, _ kind: GoogleCloudFailures.Kind
    ) async throws {
        try await run { world in
            try await world.perform("gcp.disk-restore", Self.restore)
            world.google.failures.counts[kind] = .init(1, methods: "compute.\(method)")
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.instance-swap-disk", Self.swap, key: Self.key)
            }
            try await world.perform("gcp.instance-swap-disk", Self.swap, key: Self.key, attempt: 2)
            #expect(attached(world) == ["chain-0": "chain-0-42"])
            let old = world.google.resource("\(CloudWorld.zone)/disks/chain-0")
            #expect(old?.at(path: "labels.defimon-replaced-by") == "chain-0-42")
        }
    }

    @Test func `The disk that an instance boots from is not swapped`() async throws {
        try await run { world in
            let instance = try #require(world.google.resource("\(CloudWorld.zone)/instances/geth-0"))
            let boot = try #require(AttachedDisk.all(of: instance).first { $0.isBoot })
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.plan("gcp.instance-swap-disk", Self.swap.with(["device": .string(boot.device)]))
                })
            #expect(error.message == "instance geth-0 boots from \(boot.device), which is not swapped")
        }
    }

    @Test func `A disk that is not the bot's takes no place`() async throws {
        try await run { world in
            world.google.put("\(CloudWorld.zone)/disks/chain-0-42", ["sizeGb": "2048", "status": "READY"])
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.instance-swap-disk", Self.swap)
                })
            #expect(error.message == "disk chain-0-42 is not the bot's, so it is only read")
            #expect(attached(world) == ["chain-0": "chain-0"])
        }
    }
}

extension CloudWorld {
    func put(snapshot name: String, of disk: String, at time: String, status: String = "READY") {
        google.put(
            "\(CloudWorld.global)/snapshots/\(name)",
            [
                "status": .string(status), "diskSizeGb": "1024", "creationTimestamp": .string(time),
                "sourceDisk": .string("https://www.googleapis.com/compute/v1/\(CloudWorld.zone)/disks/\(disk)"),
            ])
    }
}
