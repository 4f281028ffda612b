import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

/// A group of instances that people choose, and who is taken out of it.
@Suite struct UnmanagedGroupTests {
    private static let group: JSONValue = ["name": "rpc", "instances": ["geth-0", "geth-1"]]
    private static let member: JSONValue = ["group": "rpc", "instance": "geth-0"]
    private static let drained = member.with(["backend": "rpc"])
    private static let key = "6f1c2d3e-0000-4000-8000-00000000000b"

    /// Two instances behind an internal load balancer, whose connections have a minute to end.
    private func run(_ body: @escaping @Sendable (CloudWorld) async throws -> Void) async throws {
        try await CloudWorld.run { world in
            try await world.makeInstance()
            try await world.perform(
                "gcp.instance-ensure", CloudWorld.instanceInputs.with(["name": "geth-1", "disks": []]))
            try await world.perform("gcp.health-check-ensure", ["name": "rpc", "port": 8545])
            try await world.perform("gcp.unmanaged-group-ensure", Self.group)
            try await world.perform(
                "gcp.backend-ensure",
                [
                    "name": "rpc", "health_check": "rpc", "groups": ["rpc"], "scheme": "INTERNAL",
                    "draining_seconds": 60,
                ])
            try await body(world)
        }
    }

    private func members(_ world: CloudWorld) async throws -> [String] {
        let made = try await world.cloud.client().list(
            GoogleCall(
                .compute, "POST", "\(CloudWorld.zone)/instanceGroups/rpc/listInstances", body: ["instanceState": "ALL"])
        )
        return made.compactMap { $0["instance"]?.stringValue.map(ResourcePath.name) }.sorted()
    }

    private func asked(_ world: CloudWorld, _ word: String) -> Int {
        world.methods.count { $0 == "compute.instanceGroups.\(word)" }
    }

    @Test func `A group is made with its instances, and then there is nothing to do`() async throws {
        try await run { world in
            #expect(try await members(world) == ["geth-0", "geth-1"])
            let before = world.methods.count
            let again = try await world.perform("gcp.unmanaged-group-ensure", Self.group)
            #expect(again["summary"] == "unmanaged instance group rpc is as wanted")
            #expect(
                Array(world.methods.dropFirst(before)) == [
                    "compute.instanceGroups.get", "compute.instanceGroups.listInstances",
                ])
            #expect(try await world.plan("gcp.unmanaged-group-ensure", Self.group).changes.isEmpty)
        }
    }

    @Test func `An instance that is new in the list is added, and one that is not in it stays`() async throws {
        try await run { world in
            try await world.perform(
                "gcp.instance-ensure", CloudWorld.instanceInputs.with(["name": "geth-2", "disks": []]))
            let wanted: JSONValue = ["name": "rpc", "instances": ["geth-0", "geth-2"]]
            #expect(
                try await world.plan("gcp.unmanaged-group-ensure", wanted).changes == [
                    "unmanaged instance group rpc: instances: geth-0 → geth-0, geth-2"
                ])
            try await world.perform("gcp.unmanaged-group-ensure", wanted)
            #expect(try await members(world) == ["geth-0", "geth-1", "geth-2"])
        }
    }

    @Test func `Who is taken out stays out of the next deploy until it is put back`() async throws {
        try await run { world in
            let out = try await world.perform("gcp.unmanaged-group-remove", Self.member)
            #expect(out["summary"] == "geth-0 is taken out of unmanaged instance group rpc")
            #expect(out["members"] == ["geth-1"])
            let plan = try await world.plan("gcp.unmanaged-group-ensure", Self.group)
            #expect(plan.changes.isEmpty)
            #expect(plan.notes.count == 1 && plan.notes[0].contains("geth-0 was taken out"), "\(plan.notes)")
            try await world.perform("gcp.unmanaged-group-ensure", Self.group)
            #expect(try await members(world) == ["geth-1"])
            #expect(try await world.plan("gcp.unmanaged-group-add", Self.member).changes.count == 1)
            let back = try await world.perform("gcp.unmanaged-group-add", Self.member)
            #expect(back["summary"] == "geth-0 is back in unmanaged instance group rpc")
            #expect(try await members(world) == ["geth-0", "geth-1"])
            #expect(world.kept.keys.isEmpty)
            let again = try await world.perform("gcp.unmanaged-group-add", Self.member)
            #expect(again["changed"] == false && asked(world, "addInstances") == 2)
        }
    }

    @Test func `Connections have the time that the backend service gives them, once`() async throws {
        try await run { world in
            let began = world.time.now
            try await world.perform("gcp.unmanaged-group-remove", Self.drained)
            #expect(world.time.now.since(began) >= .seconds(60))
            let after = world.time.now
            let again = try await world.perform("gcp.unmanaged-group-remove", Self.drained)
            #expect(again["summary"] == "geth-0 is out of unmanaged instance group rpc already")
            #expect(world.time.now == after && asked(world, "removeInstances") == 1)
        }
    }

    @Test(arguments: [GoogleCloudFailures.Kind.reset, .resetAfterwards])
    func `A removal that is cut off is taken up, and happens once`(_ kind: GoogleCloudFailures.Kind) async throws {
        try await run { world in
            world.google.failures.counts[kind] = .init(1, methods: "compute.instanceGroups.removeInstances")
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.unmanaged-group-remove", Self.drained, key: Self.key)
            }
            // A deploy meanwhile puts nobody back.
            #expect(try await world.plan("gcp.unmanaged-group-ensure", Self.group).changes.isEmpty)
            try await world.perform("gcp.unmanaged-group-remove", Self.drained, key: Self.key, attempt: 2)
            #expect(try await members(world) == ["geth-1"])
        }
    }

    @Test(arguments: ["remove", "add"])
    func `Without the group there is nothing to do, and that is said`(_ verb: String) async throws {
        try await CloudWorld.run { world in
            let result = try await world.perform("gcp.unmanaged-group-\(verb)", Self.member)
            #expect(result["changed"] == false)
            #expect(result["summary"] == "there is no unmanaged instance group rpc: nothing to do")
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `Nobody is taken out of a group that is not the bot's`() async throws {
        try await CloudWorld.run { world in
            world.google.put("\(CloudWorld.zone)/instanceGroups/rpc", ["size": 0])
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.unmanaged-group-remove", Self.member)
                })
            #expect(error.message == "unmanaged instance group rpc is not the bot's, so it is only read")
        }
    }

    @Test(arguments: [(100, 0), (101, 1)])
    func `A group names a hundred instances at most`(_ count: Int, _ problems: Int) {
        let names = (0..<count).map { JSONValue.string("geth-\($0)") }
        var reader = InputReader.reading(LocatedValue(["name": "rpc", "instances": .array(names)] as JSONValue))
        _ = UnmanagedGroup(&reader)
        #expect(reader.problems.count == problems)
    }
}
