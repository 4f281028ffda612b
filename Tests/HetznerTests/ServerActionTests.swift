import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

/// Actions that make one change of a server.
@Suite struct ServerActionTests {
    private static let web: JSONValue = ["server": "web-1"]

    private static func withServer(_ body: @escaping @Sendable (CloudWorld) async throws -> Void) async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.server-ensure", CloudWorld.server)
            try await body(world)
        }
    }

    @Test(arguments: [
        ("shutdown", "off", true), ("power-off", "off", true), ("power-on", "running", false),
        ("reboot", "running", true), ("reset", "running", true),
    ])
    func `a server is in the state that it was asked to be in, and the step was one request`(
        _ verb: String, _ status: String, _ changes: Bool
    ) async throws {
        try await Self.withServer { world in
            let before = world.changes.count
            #expect(try await world.plan("hetzner.server-\(verb)", Self.web).changes.count == (changes ? 1 : 0))
            let output = try await world.perform("hetzner.server-\(verb)", Self.web)
            #expect(output["status"] == .string(status))
            #expect(output["changed"] == .bool(changes))
            #expect(world.changes.count - before == (changes ? 1 : 0))
        }
    }

    @Test func `a server that is off is started, and cannot be rebooted`() async throws {
        try await Self.withServer { world in
            try await world.perform("hetzner.server-power-off", Self.web)
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.server-reboot", Self.web)
            }
            #expect(error?.message == "server web-1 is off, so it cannot reboot")
            #expect(try await world.perform("hetzner.server-power-on", Self.web)["changed"] == true)
            #expect(world.hetzner.thing("servers", "web-1")?["status"] == "running")
        }
    }

    @Test(arguments: ["power-off", "reset", "rebuild", "delete"])
    func `a change whose answer was lost is found again, and not asked for twice`(_ verb: String) async throws {
        try await Self.withServer { world in
            let inputs = verb == "rebuild" ? Self.web.with(["image": "debian-12"]) : Self.web
            let action = try #require(try world.action("hetzner.server-\(verb)", inputs) as? any RemoteOperation)
            let context = world.context()
            world.hetzner.failures.counts[.resetAfterwards] = FailureCount(
                1, methods: verb == "delete" ? "delete_server" : "\(verb.replacing("-", with: ""))_server")
            let before = world.changes.count
            let error = await #expect(throws: ActionError.self) { _ = try await action.start(context) }
            #expect(error?.mayHaveTakenEffect == true)
            guard case .found(let handle) = try await action.find(context) else {
                Issue.record("it is not found")
                return
            }
            #expect(try await world.observe(action, handle, context)["changed"] == true)
            #expect(world.changes.count == before + 1)
        }
    }

    @Test(arguments: ["power-off", "delete"])
    func `a change that never left is not found`(_ verb: String) async throws {
        try await Self.withServer { world in
            let action = try #require(try world.action("hetzner.server-\(verb)", Self.web) as? any RemoteOperation)
            let context = world.context()
            guard case .notStarted = try await action.find(context) else {
                Issue.record("nothing was begun")
                return
            }
            world.hetzner.failures.counts[.reset] = FailureCount(
                1, methods: verb == "delete" ? "delete_server" : "poweroff_server")
            await #expect(throws: ActionError.self) { _ = try await action.start(context) }
            guard case .notStarted = try await action.find(context) else {
                Issue.record("nothing was begun")
                return
            }
            #expect(world.hetzner.thing("servers", "web-1")?["status"] == "running")
        }
    }

    @Test func `another step's action is not taken for one's own`() async throws {
        try await Self.withServer { world in
            try await world.perform("hetzner.server-reset", Self.web, key: UUID().uuidString)
            let action = try #require(try world.action("hetzner.server-reset", Self.web) as? any RemoteOperation)
            guard case .notStarted = try await action.find(world.context()) else {
                Issue.record("it is somebody else's")
                return
            }
        }
    }

    @Test func `what is not the pool's is not touched`() async throws {
        try await CloudWorld.run({ $0.seed = .init(name: "old", workers: 1, labels: [:]) }) { world in
            for (verb, more) in [
                ("power-off", [:]), ("delete", [:]), ("rebuild", ["image": "debian-12"]), ("rescale", ["type": "cx32"]),
            ]
                as [(String, [String: JSONValue])]
            {
                let inputs = (["server": "old-worker-1"] as JSONValue).with(more)
                let error = await #expect(throws: ActionError.self) {
                    try await world.perform("hetzner.server-\(verb)", inputs)
                }
                #expect(error?.message == "server old-worker-1 is not the bot's, so it is only read")
            }
            #expect(world.changes == [])
        }
    }

    @Test func `a protected server is neither deleted nor rebuilt`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["delete_protection": true]))
            for (verb, inputs) in [("delete", Self.web), ("rebuild", Self.web.with(["image": "debian-12"]))] {
                let error = await #expect(throws: ActionError.self) {
                    try await world.perform("hetzner.server-\(verb)", inputs)
                }
                #expect(error?.message.contains("is protected from being") == true)
            }
            try await world.perform("hetzner.server-ensure", CloudWorld.server)
            let plan = try await world.plan("hetzner.server-delete", Self.web)
            #expect(plan.deletions == 1)
            try await world.perform("hetzner.server-delete", Self.web)
            #expect(world.hetzner.things("servers").isEmpty)
            #expect(try await world.perform("hetzner.server-delete", Self.web)["changed"] == false)
        }
    }

    @Test func `a server gets another type, and runs again`() async throws {
        try await Self.withServer { world in
            let inputs = Self.web.with(["type": "cx32"])
            #expect(
                try await world.plan("hetzner.server-rescale", inputs).changes == [
                    "server web-1: shutdown, then type cx22 → cx32, then power-on"
                ])
            let output = try await world.perform("hetzner.server-rescale", inputs)
            #expect(output["status"] == "running")
            #expect(world.hetzner.thing("servers", "web-1")?.at(path: "server_type.name") == "cx32")
            #expect(world.hetzner.thing("servers", "web-1")?["primary_disk_size"] == 40)
            #expect(try await world.perform("hetzner.server-rescale", inputs)["changed"] == false)
            #expect(try await world.plan("hetzner.server-rescale", inputs).changes == [])
        }
    }

    @Test func `a system that does not hear loses its power`() async throws {
        try await Self.withServer { world in
            world.hetzner.failures.deaf = ["web-1"]
            let output = try await world.perform("hetzner.server-rescale", Self.web.with(["type": "cx32"]))
            #expect(output["summary"] == "server web-1: shutdown, power-off, type cx32, power-on; it is running")
        }
    }

    @Test func `a disk never becomes smaller, and that is known before the server goes down`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["type": "cx32"]))
            let before = world.changes.count
            for inputs in [Self.web.with(["type": "cx22"]), Self.web.with(["type": "cx99"])] {
                let error = await #expect(throws: ActionError.self) {
                    try await world.perform("hetzner.server-rescale", inputs)
                }
                #expect(error?.retry == .never)
            }
            #expect(world.changes.count == before)
        }
    }

    @Test(arguments: ["shutdown_server", "change_server_type", "poweron_server"])
    func `a change of type that was cut off is taken up`(_ method: String) async throws {
        try await Self.withServer { world in
            world.hetzner.failures.counts[.resetAfterwards] = FailureCount(1, methods: method)
            let inputs = Self.web.with(["type": "cx32"])
            await #expect(throws: ActionError.self) { try await world.perform("hetzner.server-rescale", inputs) }
            let output = try await world.perform("hetzner.server-rescale", inputs)
            #expect(output["status"] == "running")
            #expect(world.hetzner.thing("servers", "web-1")?.at(path: "server_type.name") == "cx32")
        }
    }

    @Test func `a snapshot is made once, found by its step, and goes when its time is over`() async throws {
        try await Self.withServer { world in
            let inputs = Self.web.with(["keep": "2d"])
            let action = try #require(
                try world.action("hetzner.server-snapshot", inputs) as? any RemoteOperation)
            let context = world.context()
            world.hetzner.failures.counts[.resetAfterwards] = FailureCount(1, methods: "create_server_image")
            await #expect(throws: ActionError.self) { _ = try await action.start(context) }
            guard case .found(let handle) = try await action.find(context) else {
                Issue.record("it is not found")
                return
            }
            let output = try await world.observe(action, handle, context)
            #expect(output["image"]?.stringValue?.isEmpty == false)
            // Not ours, and one whose day nobody can read.
            #expect(try await world.plan("hetzner.snapshots-prune", [:]).changes == [])
            world.time.clock.advance(by: .seconds(3 * 86_400))
            #expect(try await world.plan("hetzner.snapshots-prune", [:]).deletions == 1)
            let pruned = try await world.perform("hetzner.snapshots-prune", [:])
            #expect(pruned["deleted"] == [output["image"] ?? .null])
            #expect(try await world.perform("hetzner.snapshots-prune", [:])["deleted"] == [])
        }
    }

    @Test func `a server's address is told by its name, once it has one`() async throws {
        try await CloudWorld.run { world in
            let addresses = HetznerAddresses(world.cloud)
            let missing = await #expect(throws: ActionError.self) {
                _ = try await addresses.address(of: "control-1", inside: false)
            }
            #expect(missing?.retry == .never)
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            #expect(try await addresses.address(of: "control-1", inside: true) == "10.40.1.10")
            let outside = world.hetzner.thing("primary_ips", "control")?["ip"]?.stringValue
            #expect(try await addresses.address(of: "control-1", inside: false) == outside)
            try await world.perform(
                "hetzner.server-ensure", CloudWorld.server.with(["public_ipv4": false]))
            let none = await #expect(throws: ActionError.self) {
                _ = try await addresses.address(of: "web-1", inside: false)
            }
            #expect(none?.retry != .never)
        }
    }
}
