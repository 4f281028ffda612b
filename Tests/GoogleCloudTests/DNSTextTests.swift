import ACME
import Domain
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct DNSTextTests {
    private let name = "_acme-challenge.api.example.com"
    private let path = "projects/example-project/managedZones/example-com"

    /// A stand-in with the zones that tests look for.
    private func run(
        permissions: Set<String>? = nil,
        _ body: @escaping @Sendable (CloudWorld, GoogleTexts, DNSZone) async throws -> Void
    ) async throws {
        try await CloudWorld.run(permissions: permissions) {
            $0.managedZones = [
                "example-com": "example.com.", "le-com": "le.com.", "deep": "deep.api.example.com.",
            ]
        } _: { world in
            let texts = GoogleTexts(world.cloud)
            let zone = try #require(try await texts.zone(of: name, world.context()))
            #expect(zone == DNSZone(domain: "example.com", id: "example-com"))
            try await body(world, texts, zone)
        }
    }

    private func set(_ world: CloudWorld, _ name: String? = nil) async throws -> JSONValue? {
        try await world.cloud.client().list(
            GoogleCall(
                .dns, "GET", "\(path)/rrsets", query: [.init("name", "\(name ?? self.name)."), .init("type", "TXT")]),
            member: "rrsets"
        ).first
    }

    private func values(_ world: CloudWorld) async throws -> [String] {
        try await set(world)?["rrdatas"]?.arrayValue?.compactMap(\.stringValue).sorted() ?? []
    }

    private func changes(_ world: CloudWorld) -> Int {
        world.exchangesSeen.count { $0.methodID == "dns.changes.create" && $0.status == 200 }
    }

    /// People make the set with other values.
    private func write(_ world: CloudWorld, _ values: [String]) async throws {
        _ = try await world.cloud.client().send(
            GoogleCall(
                .dns, "POST", "\(path)/rrsets",
                body: ["name": .string("\(name)."), "type": "TXT", "ttl": 300, "rrdatas": Field.strings(values)]))
    }

    @Test func `the zone is the one with the longest end of the name`() async throws {
        try await run { world, texts, _ in
            var found: [String?] = []
            for name in ["_acme-challenge.example.com", "example.com", "a.deep.api.example.com", "example.org"] {
                found.append(try await texts.zone(of: name, world.context())?.domain)
            }
            #expect(found == ["example.com", "example.com", "deep.api.example.com", nil])
        }
    }

    @Test func `values are set beside each other, for a minute, and the set goes with the last`() async throws {
        try await run { world, texts, zone in
            let context = world.context()
            for _ in 1...2 { try await texts.add("first", to: name, in: zone, context) }
            #expect(world.exchangesSeen.contains { $0.methodID == "dns.changes.get" && $0.answer["status"] == "done" })
            try await texts.add("second\"\\", to: name, in: zone, context)
            #expect(try await values(world) == ["\"first\"", "\"second\\\"\\\\\""])
            #expect(try await set(world)?["ttl"] == 60)
            for _ in 1...2 { try await texts.remove("first", from: name, in: zone, context) }
            #expect(try await values(world) == ["\"second\\\"\\\\\""])
            try await texts.remove("second\"\\", from: name, in: zone, context)
            #expect(try await set(world) == nil)
            #expect(changes(world) == 4)
        }
    }

    @Test func `one step may set the same value again after it was removed`() async throws {
        try await run { world, texts, zone in
            let context = world.context()
            try await texts.add("value", to: name, in: zone, context)
            try await texts.remove("value", from: name, in: zone, context)
            try await texts.add("value", to: name, in: zone, context)
            #expect(try await values(world) == ["\"value\""])
        }
    }

    @Test func `a set of others keeps its values and its time`() async throws {
        try await run { world, texts, zone in
            try await write(world, ["\"theirs\""])
            try await texts.add("ours", to: name, in: zone, world.context())
            #expect(try await values(world) == ["\"ours\"", "\"theirs\""])
            #expect(try await set(world)?["ttl"] == 300)
            try await texts.remove("ours", from: name, in: zone, world.context())
            #expect(try await values(world) == ["\"theirs\""])
        }
    }

    @Test func `the zone's own name may have one`() async throws {
        try await run { world, texts, zone in
            try await texts.add("top", to: "example.com", in: zone, world.context())
            #expect(try await set(world, "example.com")?["rrdatas"] == ["\"top\""])
        }
    }

    @Test func `values that are added and removed at the same moment do not take each other away`() async throws {
        try await run { world, texts, zone in
            try await texts.add("old", to: name, in: zone, world.context())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...4 {
                    group.addTask { try await texts.add("value-\(number)", to: name, in: zone, world.context()) }
                }
                group.addTask { try await texts.remove("old", from: name, in: zone, world.context()) }
                try await group.waitForAll()
            }
            #expect(try await values(world) == (1...4).map { "\"value-\($0)\"" })
        }
    }

    @Test func `too many requests are told with when to come again`() async throws {
        try await run { world, texts, zone in
            world.google.failures.counts[.tooManyRequests] = .init(1, methods: "dns.changes.create")
            let error = await #expect(throws: ActionError.self) {
                try await texts.add("value", to: name, in: zone, world.context())
            }
            #expect(error?.retry == .later(afterMilliseconds: 1000))
            #expect(error?.mayHaveTakenEffect == false)
        }
    }

    @Test func `what was begun before a crash, or without an answer, is found by the next try`() async throws {
        try await run { world, texts, zone in
            for _ in 1...2 {
                world.google.failures.counts[.resetAfterwards] = .init(1, methods: "dns.changes.create")
                let lost = await #expect(throws: ActionError.self) {
                    try await texts.add("value", to: name, in: zone, world.context())
                }
                #expect(lost?.mayHaveTakenEffect == true)
                try await texts.add("value", to: name, in: zone, world.context())
                #expect(try await values(world) == ["\"value\""])
                world.google.failures.counts[.resetAfterwards] = .init(1, methods: "dns.changes.create")
                await #expect(throws: ActionError.self) {
                    try await texts.remove("value", from: name, in: zone, world.context())
                }
                try await texts.remove("value", from: name, in: zone, world.context())
                #expect(try await set(world) == nil)
            }
            // Each was made once.
            #expect(changes(world) == 4)
        }
    }

    @Test func `a proof of control over a name is seen at a name server, and removed`() async throws {
        try await run { world, texts, _ in
            let server = try await ZoneServer.start(
                [:],
                [
                    "google": [
                        "url": .string("\(try await world.google.url())/dns/v1"), "project": "example-project",
                        "token": .string(world.google.token().reveal()),
                    ]
                ])
            let lookup = ResolverLookup(resolver: server.address, servers: [server.address])
            let proof = DNSProof(texts: texts, lookup: lookup)
            let placed = try await proof.place("value", for: "api.example.com", limit: .seconds(60), world.context())
            #expect(placed.name == name)
            let seen = try await lookup.texts(of: name, at: server.address)
            #expect(seen == ["value"])
            try await proof.remove(placed, world.context())
            let left = try await lookup.texts(of: name, at: server.address)
            #expect(left == [])
            await server.stop()
        }
    }

    @Test func `a zone that has gone meanwhile is told, and not tried again`() async throws {
        try await run { world, texts, _ in
            let error = await #expect(throws: ActionError.self) {
                try await texts.add("value", to: name, in: DNSZone(domain: "example.com", id: "gone"), world.context())
            }
            #expect(error?.message.contains("gone") == true)
            #expect(changes(world) == 0)
        }
    }

    @Test func `the role's permissions are enough`() async throws {
        try await run(permissions: Set(ActionPermissions.all)) { world, texts, zone in
            for value in ["first", "second"] { try await texts.add(value, to: name, in: zone, world.context()) }
            for value in ["first", "second"] { try await texts.remove(value, from: name, in: zone, world.context()) }
            #expect(try await set(world) == nil)
        }
    }
}
