import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct EnsureListTests {
    /// Every thing of the ensure actions' own tests, with its kind.
    private static var things: [JSONValue] {
        EnsureTests.all.map { action, inputs in
            inputs.with(["kind": .string(String(action.dropFirst("gcp.".count).dropLast("-ensure".count)))])
        }
    }

    private static var inputs: JSONValue { ["things": .array(things)] }

    @Test func `all is made in its order, and with nothing to do each is read once`() async throws {
        try await CloudWorld.run { world in
            #expect(try await world.plan("gcp.ensure", Self.inputs).changes.count == Self.things.count)
            let made = try await world.perform("gcp.ensure", Self.inputs)
            #expect(made["changed"] == true)
            #expect(made.at(path: "things.address-rpc.address")?.stringValue?.isEmpty == false)
            let before = world.methods.count
            let again = try await world.perform("gcp.ensure", Self.inputs)
            #expect(again["changed"] == false)
            #expect(again["summary"] == .string("nothing to do: all \(Self.things.count) are as wanted"))
            let looks = world.methods.dropFirst(before)
            #expect(looks.count == Self.things.count)
            #expect(looks.allSatisfy { $0.hasSuffix(".get") })
        }
    }

    @Test(
        arguments: [
            "networks", "firewalls", "globalAddresses", "instances", "instanceGroupManagers", "forwardingRules",
        ], [GoogleCloudFailures.Kind.reset, .resetAfterwards])
    func `a run that is cut off at any insertion is taken up, and everything is made once`(
        _ collection: String, _ kind: GoogleCloudFailures.Kind
    ) async throws {
        try await CloudWorld.run { world in
            world.google.failures.counts[kind] = .init(1, methods: "compute.\(collection).insert")
            let key = UUID().uuidString
            await #expect(throws: ActionError.self) {
                try await world.perform("gcp.ensure", Self.inputs, key: key)
            }
            let made = try await world.perform("gcp.ensure", Self.inputs, key: key, attempt: 2)
            #expect(made["changed"] == true)
            #expect(try await world.plan("gcp.ensure", Self.inputs).changes.isEmpty)
            // What Google took of each thing, by the operation that came of it.
            let operations = world.exchangesSeen.filter { $0.methodID.hasSuffix(".insert") && $0.status == 200 }
                .compactMap { $0.answer["name"]?.stringValue }
            #expect(Set(operations).count == Self.things.count)
        }
    }

    @Test func `things are looked at at once, up to eight`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.ensure", Self.inputs)
            world.google.failures.delay = 50
            let plan = Task { try await world.plan("gcp.ensure", Self.inputs) }
            // All eight wait for their answers before one of them has come.
            await world.time.clock.untilSleeping(8)
            world.google.failures.delay = 0
            world.time.clock.advance(by: .milliseconds(50))
            #expect(try await plan.value.changes.isEmpty)
        }
    }

    @Test func `one change changes just that`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("gcp.ensure", Self.inputs)
            let before = world.changes.count
            var things = Self.things
            things[2] = things[2].with(["source_ranges": ["10.0.0.0/8"]])
            let changed: JSONValue = ["things": .array(things)]
            #expect(
                try await world.plan("gcp.ensure", changed).changes == [
                    "firewall rule p2p: sourceRanges: 0.0.0.0/0 → 10.0.0.0/8"
                ])
            let result = try await world.perform("gcp.ensure", changed)
            #expect(result["summary"] == .string("1 change of \(things.count) things"))
            #expect(Array(world.changes.dropFirst(before)) == ["compute.firewalls.patch"])
        }
    }

    @Test func `when one is to be refused nothing is changed, and all that are refused are told`() async throws {
        try await CloudWorld.run { world in
            for name in ["chain-0", "chain-1"] {
                world.google.put(
                    "\(CloudWorld.zone)/disks/\(name)",
                    ["sizeGb": "500", "type": .string("\(CloudWorld.zone)/diskTypes/pd-ssd"), "status": "READY"])
            }
            let disk = CloudWorld.diskInputs.with(["kind": "disk"])
            let inputs: JSONValue = [
                "things": [["kind": "network", "name": "main"], disk, disk.with(["name": "chain-1"])]
            ]
            let error = try #require(
                await #expect(throws: ActionError.self) { try await world.perform("gcp.ensure", inputs) })
            #expect(error.message.hasSuffix("(and 1 more)"))
            #expect(error.details?.contains("disk chain-0") == true && error.details?.contains("disk chain-1") == true)
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `what was done before an error is told`() async throws {
        try await CloudWorld.run { world in
            world.google.failures.failingOperations["insert"] = 0
            world.google.failures.quotas["SSD_TOTAL_GB"] = 500
            let inputs: JSONValue = [
                "things": [["kind": "network", "name": "main"], CloudWorld.diskInputs.with(["kind": "disk"])]
            ]
            let error = try #require(
                await #expect(throws: ActionError.self) { try await world.perform("gcp.ensure", inputs) })
            #expect(error.mayHaveTakenEffect)
            #expect(error.details?.contains("done before that: network main: created") == true)
        }
    }

    @Test(
        arguments: [
            ([["kind": "moon", "name": "a"]], "thing 1 has no kind that is known"),
            ([["kind": "disk", "name": "a"]], "thing 1, disk: input 'size' is missing"),
            (["disk"], "thing 1 has no kind that is known"),
        ] as [(JSONValue, String)])
    func `a thing that is none is a problem`(_ things: JSONValue, _ words: String) throws {
        var reader = InputReader.reading(LocatedValue(["things": things] as JSONValue))
        _ = EnsureListAction(&reader, CloudConnection())
        #expect(reader.problems.map(\.message) == [words])
    }

    @Test(arguments: [(100, 0), (101, 1)])
    func `a step has a hundred things at most`(_ count: Int, _ problems: Int) throws {
        let things = (1...count).map { number -> JSONValue in ["kind": "network", "name": .string("n\(number)")] }
        var reader = InputReader.reading(LocatedValue(["things": .array(things)] as JSONValue))
        _ = EnsureListAction(&reader, CloudConnection())
        #expect(reader.problems.count == problems)
    }
}
