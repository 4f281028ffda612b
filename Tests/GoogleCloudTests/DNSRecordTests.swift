import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct DNSRecordTests {
    private static let record: JSONValue = [
        "zone": "example-com", "name": "rpc.example.com", "values": ["192.0.2.10"], "ttl": "5m",
    ]
    private let name = "gcp.dns-record-ensure"

    private func values(_ world: CloudWorld) async throws -> JSONValue? {
        let call = GoogleCall(
            .dns, "GET", "projects/example-project/managedZones/example-com/rrsets/rpc.example.com./A")
        return try await world.cloud.client().find(call)?["rrdatas"]
    }

    private func changes(_ world: CloudWorld) -> Int {
        world.exchangesSeen.count { $0.methodID == "dns.changes.create" && $0.status == 200 }
    }

    /// Somebody else writes the record.
    private func write(_ world: CloudWorld, _ value: String) async throws {
        _ = try await world.cloud.client().send(
            GoogleCall(
                .dns, "POST", "projects/example-project/managedZones/example-com/rrsets",
                body: ["name": "rpc.example.com.", "type": "A", "ttl": 60, "rrdatas": [.string(value)]]))
    }

    @Test func `a record is made, and waited for until the name servers have it`() async throws {
        try await CloudWorld.run { world in
            #expect(
                try await world.plan(name, Self.record).changes == [
                    "DNS record rpc.example.com. A: create with 192.0.2.10 for 5 min"
                ])
            let made = try await world.perform(name, Self.record)
            #expect(made["changed"] == true)
            #expect(try await values(world) == ["192.0.2.10"])
            #expect(world.exchangesSeen.contains { $0.methodID == "dns.changes.get" && $0.answer["status"] == "done" })
            #expect(try await world.perform(name, Self.record)["changed"] == false)
            #expect(changes(world) == 1)
        }
    }

    @Test func `a record of ours is replaced in one change`() async throws {
        try await CloudWorld.run { world in
            try await world.perform(name, Self.record)
            let other = Self.record.with(["values": ["192.0.2.20", "192.0.2.21"], "ttl": "1m"])
            #expect(
                try await world.plan(name, other).changes == [
                    "DNS record rpc.example.com. A: values: 192.0.2.10 → 192.0.2.20, 192.0.2.21",
                    "DNS record rpc.example.com. A: ttl: 300s → 60s",
                ])
            try await world.perform(name, other)
            #expect(try await values(world) == ["192.0.2.20", "192.0.2.21"])
            #expect(changes(world) == 2)
        }
    }

    @Test func `a record that others have made stays as it is until it is taken over`() async throws {
        try await CloudWorld.run { world in
            try await write(world, "198.51.100.1")
            let error = await #expect(throws: ActionError.self) { try await world.perform(name, Self.record) }
            #expect(error?.message.contains("is not the bot's") == true)
            #expect(try await values(world) == ["198.51.100.1"])
            try await world.perform(name, Self.record.with(["adopt": true]))
            #expect(try await values(world) == ["192.0.2.10"])
            // From then on it is ours.
            try await world.perform(name, Self.record.with(["values": ["192.0.2.30"]]))
            #expect(try await values(world) == ["192.0.2.30"])
        }
    }

    @Test func `a change whose answer was lost is made once`() async throws {
        try await CloudWorld.run { world in
            world.google.failures.counts[.resetAfterwards] = .init(1, methods: "dns.changes.create")
            let key = UUID().uuidString
            let first = await #expect(throws: ActionError.self) { try await world.perform(name, Self.record, key: key) }
            #expect(first?.mayHaveTakenEffect == true)
            try await world.perform(name, Self.record, key: key)
            #expect(try await values(world) == ["192.0.2.10"])
            #expect(changes(world) == 1)
        }
    }

    @Test func `texts are quoted and names end with a dot`() async throws {
        try await CloudWorld.run { world in
            try await world.perform(
                name, ["zone": "example-com", "name": "t.example.com", "type": "TXT", "values": ["v=spf1 -all"]])
            try await world.perform(
                name, ["zone": "example-com", "name": "c.example.com", "type": "CNAME", "values": ["rpc.example.com"]])
            let client = try world.cloud.client()
            let all = try await client.list(
                GoogleCall(.dns, "GET", "projects/example-project/managedZones/example-com/rrsets"), member: "rrsets")
            #expect(all.contains { $0["rrdatas"] == ["\"v=spf1 -all\""] })
            #expect(all.contains { $0["rrdatas"] == ["rpc.example.com."] })
        }
    }

    @Test func `a zone that is not there is told`() async throws {
        try await CloudWorld.run { world in
            let error = await #expect(throws: ActionError.self) {
                try await world.perform(name, Self.record.with(["zone": "nope"]))
            }
            #expect(error?.message.contains("nope") == true)
        }
    }

    @Test(
        arguments: [
            (["name": "rpc"], "rpc"), (["values": ["nowhere"]], "IPv4"), (["ttl": "1s"], "5s to 7d"),
            (["type": "CNAME", "values": ["a.example.com", "b.example.com"]], "one value"),
        ] as [([String: JSONValue], String)])
    func `inputs that cannot be are told`(_ change: [String: JSONValue], _ words: String) async throws {
        try await CloudWorld.run { world in
            let problem = #expect(throws: Problem.self) { try world.action(name, Self.record.with(change)) }
            #expect(problem?.message.contains(words) == true)
        }
    }

    @Test func `the role's permissions are enough`() async throws {
        try await CloudWorld.run(permissions: Set(ActionPermissions.all)) { world in
            try await world.perform(name, Self.record)
            try await world.perform(name, Self.record.with(["values": ["192.0.2.20"]]))
        }
    }
}
