import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct SingleChangeTests {
    private static let key = "6f1c2d3e-0000-4000-8000-00000000000a"

    private func size(_ world: CloudWorld) -> JSONValue? {
        world.google.resource("\(CloudWorld.zone)/disks/chain-0")?["sizeGb"]
    }

    // MARK: Disks

    @Test(arguments: [("+20%", 2458), ("+200GiB", 2248), ("3TiB", 3072), ("2TiB", 2048), ("1TiB", 2048)])
    func `a disk grows, and never shrinks`(_ wanted: String, _ after: Int) async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            let inputs: JSONValue = ["disk": "chain-0", "size": .string(wanted)]
            let plan = try await world.plan("gcp.disk-resize", inputs)
            #expect(plan.changes.isEmpty == (after == 2048))
            #expect(plan.notes.isEmpty == (after == 2048))
            if after == 2458 {
                #expect(plan.changes == ["disk chain-0: 2 TiB → 2458 GiB"])
                #expect(plan.notes == ["disk chain-0 costs EUR 83.64 a month more"])
            }
            let result = try await world.perform("gcp.disk-resize", inputs)
            #expect(result["size_gib"] == .int(Int64(after)))
            #expect(result["before_gib"] == 2048)
            #expect(result["changed"] == .bool(after != 2048))
            #expect(self.size(world) == .string(String(after)))
        }
    }

    @Test func `growth by a part ends at the maximum, and there a person is asked`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            let inputs: JSONValue = ["disk": "chain-0", "size": "+20%", "max": "2100GiB"]
            #expect(try await world.perform("gcp.disk-resize", inputs)["size_gib"] == 2100)
            let error = try #require(
                await #expect(throws: ActionError.self) { try await world.perform("gcp.disk-resize", inputs) })
            #expect(error.message == "disk chain-0 has 2100 GiB, and may not grow past 2100 GiB")
            let absolute: JSONValue = ["disk": "chain-0", "size": "3TiB", "max": "2100GiB"]
            await #expect(throws: ActionError.self) { try await world.perform("gcp.disk-resize", absolute) }
        }
    }

    @Test func `a disk of a claim grows through the claim`() async throws {
        try await CloudWorld.run { world in
            world.google.put(
                "\(CloudWorld.zone)/disks/pvc-1",
                [
                    "sizeGb": "20", "labels": ["defimon": "infrastructure"], "status": "READY",
                    "description": .string(
                        #"{"kubernetes.io/created-for/pvc/name":"data-geth-0","kubernetes.io/created-for/pvc/namespace":"ethereum"}"#
                    ),
                ])
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.disk-resize", ["disk": "pvc-1", "size": "+20%"])
                })
            #expect(error.message.contains("PersistentVolumeClaim ethereum/data-geth-0"))
            #expect(error.hint?.contains("kubernetes.volume-resize") == true)
            #expect(world.changes.isEmpty)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(60), .seconds(7200)])
    func `a growth whose answer is lost does not happen twice, however late the bot is back`(_ later: Duration)
        async throws
    {
        try await CloudWorld.run { world in
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            let action = try #require(
                try world.action("gcp.disk-resize", ["disk": "chain-0", "size": "+20%"]) as? any RemoteOperation)
            // The request arrives, the bot is killed before it has the answer.
            world.google.failures.counts[.resetAfterwards] = .init(1, methods: "compute.disks.resize")
            let error = try #require(
                await #expect(throws: ActionError.self) { _ = try await action.start(world.context(Self.key)) })
            #expect(error.mayHaveTakenEffect)
            try await world.time.sleep(for: later)
            // It does what the engine does with a step that was running.
            let context = world.context(Self.key, attempt: 2)
            let handle: JSONValue
            switch try await action.find(context) {
            case .found(let found): handle = found
            case .notStarted, .cannotTell: handle = try await action.start(context)
            }
            let result = try await world.observe(action, handle, context)
            #expect(result["size_gib"] == 2458)
            #expect(self.size(world) == "2458")
            // Another step grows what has grown.
            let next = try await world.perform("gcp.disk-resize", ["disk": "chain-0", "size": "+20%"])
            #expect(next["size_gib"] == 2950)
        }
    }

    @Test func `a snapshot is waited for until its content is fixed, not until it is copied`() async throws {
        try await CloudWorld.run { configuration in
            configuration.running["createSnapshot"] = .seconds(600)
        } _: { world in
            try await world.perform("gcp.disk-ensure", CloudWorld.diskInputs)
            let began = world.time.now
            let result = try await world.perform("gcp.disk-snapshot", ["disk": "chain-0", "keep": "3d"], key: Self.key)
            #expect(result["status"] == "UPLOADING")
            #expect(world.time.now.since(began) < .seconds(60))
            let name = try #require(result["snapshot"]?.stringValue)
            #expect(name == "chain-0-6f1c2d3e0000")
            let snapshot = try #require(world.google.resource("\(CloudWorld.global)/snapshots/\(name)"))
            #expect(snapshot.at(path: "labels.defimon") == "infrastructure")
            #expect(
                snapshot.at(path: "labels.defimon-keep-until")
                    == .string(String(began.advanced(by: .seconds(3 * 86_400)).rfc3339.prefix(10))))
            // After a crash it is found by its name.
            let action = try #require(
                try world.action("gcp.disk-snapshot", ["disk": "chain-0", "keep": "3d"]) as? any RemoteOperation)
            guard case .found = try await action.find(world.context(Self.key)) else {
                Issue.record("it is not found")
                return
            }
            guard case .notStarted = try await action.find(world.context(UUID().uuidString)) else {
                Issue.record("another step's is taken for its own")
                return
            }
        }
    }

    @Test func `only a pool's own snapshots whose last day is over are deleted`() async throws {
        try await CloudWorld.run { world in
            func put(_ name: String, _ labels: JSONValue) {
                world.google.put(
                    "\(CloudWorld.global)/snapshots/\(name)", ["labels": labels, "status": "READY", "diskSizeGb": "10"])
            }
            // Today is 2026-09-21.
            put("old", ["defimon": "infrastructure", "defimon-keep-until": "2026-09-20"])
            put("today", ["defimon": "infrastructure", "defimon-keep-until": "2026-09-21"])
            put("others", ["defimon": "ml", "defimon-keep-until": "2026-01-01"])
            put("by-hand", ["defimon-keep-until": "2026-01-01"])
            put("for-ever", ["defimon": "infrastructure"])
            put("odd", ["defimon": "infrastructure", "defimon-keep-until": "1"])
            let plan = try await world.plan("gcp.snapshots-prune", [:])
            #expect(plan.changes == ["snapshot old: delete"])
            #expect(plan.deletions == 1)
            let result = try await world.perform("gcp.snapshots-prune", [:])
            #expect(result["deleted"] == ["old"])
            #expect(world.google.paths(containing: "/global/snapshots/").count == 5)
            #expect(try await world.plan("gcp.snapshots-prune", [:]).changes.isEmpty)
        }
    }

    // MARK: Instances

    @Test func `an instance is stopped, started and reset, and what is so already costs nothing`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let inputs: JSONValue = ["instance": "geth-0"]
            #expect(try await world.perform("gcp.instance-start", inputs)["changed"] == false)
            #expect(try await world.perform("gcp.instance-reset", inputs)["changed"] == true)
            #expect(try await world.perform("gcp.instance-stop", inputs)["status"] == "TERMINATED")
            #expect(try await world.perform("gcp.instance-stop", inputs)["changed"] == false)
            await #expect(throws: ActionError.self) { try await world.perform("gcp.instance-reset", inputs) }
            #expect(try await world.perform("gcp.instance-start", inputs)["status"] == "RUNNING")
            let verbs = ["reset", "stop", "start"].map { "compute.instances.\($0)" }
            #expect(world.changes.filter(verbs.contains) == verbs)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(300)])
    func `a reset whose answer is lost happens once`(_ later: Duration) async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let action = try #require(
                try world.action("gcp.instance-reset", ["instance": "geth-0"]) as? any RemoteOperation)
            let first = try await action.start(world.context(Self.key))
            // The bot is killed before the handle is stored.
            try await world.time.sleep(for: later)
            let context = world.context(Self.key, attempt: 2)
            let second: JSONValue
            switch try await action.find(context) {
            case .found(let handle): second = handle
            case .notStarted, .cannotTell: second = try await action.start(context)
            }
            #expect(second["operation"] == first["operation"])
            #expect(try await world.observe(action, second, context)["status"] == "RUNNING")
        }
    }

    @Test func `an instance that is not ours is not stopped`() async throws {
        try await CloudWorld.run { world in
            world.google.put("\(CloudWorld.zone)/instances/web-1", ["status": "RUNNING"])
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.instance-stop", ["instance": "web-1"])
                })
            #expect(error.message == "instance web-1 is not the bot's, so it is only read")
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `another machine type stops, changes and starts`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let inputs: JSONValue = ["instance": "geth-0", "machine_type": "n2-standard-4"]
            #expect(
                try await world.plan("gcp.instance-set-machine-type", inputs).changes == [
                    "instance geth-0: stop, then machineType n2-standard-8 → n2-standard-4, then start"
                ])
            let before = world.changes.count
            let result = try await world.perform("gcp.instance-set-machine-type", inputs)
            #expect(result["status"] == "RUNNING")
            #expect(
                world.changes.dropFirst(before)
                    == ["compute.instances.stop", "compute.instances.setMachineType", "compute.instances.start"])
            #expect(try await world.perform("gcp.instance-set-machine-type", inputs)["changed"] == false)
        }
    }

    @Test(arguments: ["compute.instances.stop", "compute.instances.setMachineType", "compute.instances.start"])
    func `a change of machine type that is cut off is taken up where it was`(_ method: String) async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let inputs: JSONValue = ["instance": "geth-0", "machine_type": "n2-standard-4"]
            world.google.failures.counts[.resetAfterwards] = .init(1, methods: method)
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.instance-set-machine-type", inputs, key: Self.key)
            }
            let result = try await world.perform("gcp.instance-set-machine-type", inputs, key: Self.key, attempt: 2)
            #expect(result["status"] == "RUNNING")
            let instance = try #require(world.google.resource("\(CloudWorld.zone)/instances/geth-0"))
            #expect(instance["machineType"]?.stringValue.map(ResourcePath.name) == "n2-standard-4")
        }
    }

    @Test func `a machine is not stopped for a type that does not exist`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            let before = world.changes.count
            await #expect(throws: ActionError.self) {
                try await world.perform(
                    "gcp.instance-set-machine-type", ["instance": "geth-0", "machine_type": "n9-standard-4"])
            }
            #expect(world.changes.count == before)
        }
    }

    @Test func `a disk is attached once`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            try await world.perform(
                "gcp.disk-ensure", CloudWorld.diskInputs.with(["name": "chain-1", "size": "100GiB"]))
            let inputs: JSONValue = ["instance": "geth-0", "disk": "chain-1"]
            let result = try await world.perform("gcp.instance-attach-disk", inputs)
            #expect(result["device"] == "/dev/disk/by-id/google-chain-1")
            #expect(result["changed"] == true)
            #expect(try await world.perform("gcp.instance-attach-disk", inputs)["changed"] == false)
        }
    }

    @Test func `the last lines of the serial port are shown`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            world.google.writeSerial("\(CloudWorld.zone)/instances/geth-0", "one\r\ntwo\r\nthree\r\n")
            let result = try await world.perform("gcp.instance-serial-output", ["instance": "geth-0", "lines": 2])
            #expect(result["details"] == "two\nthree\n")
            #expect(result["summary"] == "the last 2 lines of instance geth-0")
        }
    }

    @Test func `an operation that failed ends the step, and the same id is not asked again`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            world.google.failures.failingOperations["stop"] = 1
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.instance-stop", ["instance": "geth-0"])
                })
            #expect(error.message.contains("Google began it, and it failed: INTERNAL_ERROR"))
            #expect(error.retry == .never)
        }
    }

    @Test func `an operation that shows late is waited for`() async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            world.google.failures.hiddenFor = 4000
            #expect(try await world.perform("gcp.instance-stop", ["instance": "geth-0"])["status"] == "TERMINATED")
        }
    }

    @Test func `a group gets another size, but not against its autoscaler`() async throws {
        try await CloudWorld.run { world in
            try await world.makeNetwork()
            try await world.perform(
                "gcp.instance-template-ensure",
                [
                    "name": "geth-1", "machine_type": "n2-standard-8", "subnetwork": "nodes", "boot_size": "50GiB",
                    "image": "projects/debian-cloud/global/images/family/debian-12",
                ])
            try await world.perform("gcp.instance-group-ensure", ["name": "geth", "template": "geth-1", "size": 1])
            let inputs: JSONValue = ["group": "geth", "size": 2]
            #expect(try await world.perform("gcp.instance-group-resize", inputs)["size"] == 2)
            #expect(try await world.perform("gcp.instance-group-resize", inputs)["changed"] == false)
            let path = "\(CloudWorld.zone)/instanceGroupManagers/geth"
            let group = try #require(world.google.resource(path)?.objectValue)
            let status: JSONValue = ["autoscaler": .string("\(CloudWorld.zone)/autoscalers/geth")]
            world.google.put(path, group.merging(["status": status]) { $1 })
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.instance-group-resize", ["group": "geth", "size": 3])
            }
        }
    }
}
