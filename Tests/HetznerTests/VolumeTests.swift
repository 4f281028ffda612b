import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

@Suite struct VolumeTests {
    private static let data: JSONValue = ["name": "data", "size": "20GiB"]

    private static func withVolume(_ body: @escaping @Sendable (CloudWorld) async throws -> Void) async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.volume-ensure", data)
            try await body(world)
        }
    }

    private func size(_ world: CloudWorld) -> Int? { world.hetzner.thing("volumes", "data")?["size"]?.intValue }

    @Test(arguments: [
        ("40GiB", 40), ("+20%", 24), ("+200GiB", 220), ("15GiB", 20), ("20GiB", 20), ("1TiB", 1024),
    ])
    func `a volume grows to what is asked, and never becomes smaller`(_ text: String, _ after: Int) async throws {
        try await Self.withVolume { world in
            let output = try await world.perform("hetzner.volume-resize", ["volume": "data", "size": .string(text)])
            #expect(output["size_gib"] == .int(Int64(after)))
            #expect(output["before_gib"] == 20)
            #expect(output["changed"] == .bool(after > 20))
            #expect(size(world) == after)
        }
    }

    @Test func `a growth by a part that is asked for five times by one step happens once`() async throws {
        try await Self.withVolume { world in
            let inputs: JSONValue = ["volume": "data", "size": "+20%"]
            let key = UUID().uuidString
            for _ in 0..<5 { try await world.perform("hetzner.volume-resize", inputs, key: key) }
            #expect(size(world) == 24)
            #expect(world.changes.filter { $0 == "resize_volume" }.count == 1)
            // Another step is another growth.
            try await world.perform("hetzner.volume-resize", inputs)
            #expect(size(world) == 29)
        }
    }

    @Test func `a growth ends at its bound, and a size beyond it is refused`() async throws {
        try await Self.withVolume { world in
            let bounded: JSONValue = ["volume": "data", "size": "+900%", "max": "50GiB"]
            #expect(
                try await world.plan("hetzner.volume-resize", bounded)
                    == ActionPlan(
                        changes: ["volume data: 20 GiB → 50 GiB"], notes: ["volume data costs EUR 1.32 a month more"]))
            try await world.perform("hetzner.volume-resize", bounded)
            #expect(size(world) == 50)
            await #expect(throws: ActionError.self) { try await world.perform("hetzner.volume-resize", bounded) }
            let beyond: JSONValue = ["volume": "data", "size": "51GiB", "max": "50GiB"]
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.volume-resize", beyond)
            }
            #expect(error?.hint == "raise hetzner.largest_volume_gib, if that is meant")
        }
    }

    @Test func `a volume is attached, and one that is attached elsewhere is left there`() async throws {
        try await Self.withVolume { world in
            for name in ["web-1", "web-2"] {
                try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["name": .string(name)]))
            }
            let attach: JSONValue = ["volume": "data", "server": "web-1"]
            let output = try await world.perform("hetzner.volume-attach", attach)
            #expect(output["device"]?.stringValue?.hasPrefix("/dev/disk/by-id/scsi-0HC_Volume_") == true)
            #expect(try await world.perform("hetzner.volume-attach", attach)["changed"] == false)
            let resized = try await world.perform("hetzner.volume-resize", ["volume": "data", "size": "+10GiB"])
            #expect(resized["server"] == "web-1")
            await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.volume-attach", attach.with(["server": "web-2"]))
            }
            let moved = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.volume-ensure", Self.data.with(["server": "web-2"]))
            }
            #expect(moved?.message.contains("would have to be replaced") == true)
        }
    }

    @Test func `a volume of the CSI driver is never touched, whatever mark it has`() async throws {
        try await CloudWorld.run { world in
            let client = try world.cloud.client()
            _ = try await client.send(
                HetznerCall(
                    "POST", "volumes",
                    body: [
                        "name": "pvc-1", "size": 10, "location": "fsn1",
                        "labels": [
                            "managed-by": "csi-driver", "pvc-name": "data-0", "pvc-namespace": "analytics",
                            "defimon-pool": "analytics",
                        ],
                    ]))
            world.time.clock.advance(by: .seconds(60))
            let before = world.changes.count
            for (action, inputs) in [
                ("hetzner.volume-ensure", ["name": "pvc-1", "size": "20GiB"]),
                ("hetzner.volume-resize", ["volume": "pvc-1", "size": "20GiB"]),
                ("hetzner.adopt", ["things": [["kind": "volume", "name": "pvc-1", "size": "20GiB"]]]),
            ] as [(String, JSONValue)] {
                let error = await #expect(throws: ActionError.self) { try await world.perform(action, inputs) }
                #expect(
                    error?.message
                        == "volume pvc-1 belongs to the CSI driver, for PersistentVolumeClaim analytics/data-0")
            }
            #expect(world.changes.count == before)
        }
    }
}
