import ACME
import Domain
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

@Suite struct DNSTextTests {
    private static let zone = "example.com"
    private let name = "_acme-challenge.api.example.com"

    /// A stand-in with the zones that tests look for.
    private func run(_ body: @escaping @Sendable (CloudWorld, HetznerTexts, DNSZone) async throws -> Void) async throws
    {
        try await CloudWorld.run {
            $0.zones = ["example.com", "le.com", "deep.api.example.com"]
        } _: { world in
            let texts = HetznerTexts(world.cloud)
            let zone = try #require(try await texts.zone(of: name, world.context()))
            #expect(zone.domain == Self.zone)
            try await body(world, texts, zone)
        }
    }

    private func set(_ world: CloudWorld, _ zone: DNSZone) async throws -> JSONValue? {
        try await world.cloud.client().find(
            HetznerCall("GET", "zones/\(zone.id)/rrsets/_acme-challenge.api/TXT"))?["rrset"]
    }

    private func values(_ world: CloudWorld, _ zone: DNSZone) async throws -> [String] {
        try await set(world, zone)?["records"]?.arrayValue?.compactMap { $0["value"]?.stringValue }.sorted() ?? []
    }

    private func adds(_ world: CloudWorld) -> Int { world.changes.count { $0 == "add_zone_rrset_records" } }

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
            try await texts.add("second\"\\", to: name, in: zone, context)
            #expect(try await values(world, zone) == ["\"first\"", "\"second\\\"\\\\\""])
            #expect(try await set(world, zone)?["ttl"] == 60)
            #expect(adds(world) == 2)
            for _ in 1...2 { try await texts.remove("first", from: name, in: zone, context) }
            #expect(try await values(world, zone) == ["\"second\\\"\\\\\""])
            try await texts.remove("second\"\\", from: name, in: zone, context)
            #expect(try await set(world, zone) == nil)
        }
    }

    @Test(arguments: [JSONValue.int(3600), .null]) func `a set of others keeps its values and its time`(
        _ ttl: JSONValue
    ) async throws {
        try await run { world, texts, zone in
            _ = try await world.cloud.client().send(
                HetznerCall(
                    "POST", "zones/\(zone.id)/rrsets",
                    body: [
                        "name": "_acme-challenge.api", "type": "TXT", "ttl": ttl, "records": [["value": "\"theirs\""]],
                    ]))
            try await texts.add("ours", to: name, in: zone, world.context())
            #expect(try await values(world, zone) == ["\"ours\"", "\"theirs\""])
            #expect(try await set(world, zone)?["ttl"] == ttl)
            try await texts.remove("ours", from: name, in: zone, world.context())
            #expect(try await values(world, zone) == ["\"theirs\""])
        }
    }

    @Test func `the zone's own name may have one`() async throws {
        try await run { world, texts, zone in
            try await texts.add("top", to: Self.zone, in: zone, world.context())
            let call = HetznerCall("GET", "zones/\(zone.id)/rrsets/@/TXT")
            #expect(try await world.cloud.client().find(call)?["rrset"]?["records"]?.arrayValue?.count == 1)
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
            #expect(try await values(world, zone) == (1...4).map { "\"value-\($0)\"" })
        }
    }

    @Test(arguments: [HetznerFailures.Kind.locked, .conflict]) func `it waits while something else is done with it`(
        _ kind: HetznerFailures.Kind
    ) async throws {
        try await run { world, texts, zone in
            world.hetzner.failures.counts[kind] = .init(2, methods: "add_zone_rrset_records")
            try await texts.add("value", to: name, in: zone, world.context())
            #expect(try await values(world, zone) == ["\"value\""])
            #expect(adds(world) == 3)
        }
    }

    @Test func `a set that is busy all the time is given up after ten tries`() async throws {
        try await run { world, texts, zone in
            world.hetzner.failures.counts[.locked] = .init(10, methods: "add_zone_rrset_records")
            let error = await #expect(throws: ActionError.self) {
                try await texts.add("value", to: name, in: zone, world.context())
            }
            #expect(error?.message.contains("again and again") == true)
            world.hetzner.failures.counts[.locked] = .init(9, methods: "add_zone_rrset_records")
            try await texts.add("value", to: name, in: zone, world.context())
        }
    }

    @Test func `too many requests are told with when to come again`() async throws {
        try await run { world, texts, zone in
            world.hetzner.failures.counts[.rateLimited] = .init(1, methods: "add_zone_rrset_records")
            let error = await #expect(throws: ActionError.self) {
                try await texts.add("value", to: name, in: zone, world.context())
            }
            guard case .later = error?.retry else { return #expect(Bool(false), "\(String(describing: error))") }
            #expect(error?.mayHaveTakenEffect == false)
        }
    }

    @Test func `what was begun before a crash, or without an answer, is found by the next try`() async throws {
        try await run { world, texts, zone in
            world.hetzner.failures.counts[.resetAfterwards] = .init(1, methods: "add_zone_rrset_records")
            let lost = await #expect(throws: ActionError.self) {
                try await texts.add("value", to: name, in: zone, world.context())
            }
            #expect(lost?.mayHaveTakenEffect == true)
            try await texts.add("value", to: name, in: zone, world.context())
            #expect(try await values(world, zone) == ["\"value\""])
            world.hetzner.failures.counts[.resetAfterwards] = .init(1, methods: "remove_zone_rrset_records")
            await #expect(throws: ActionError.self) {
                try await texts.remove("value", from: name, in: zone, world.context())
            }
            try await texts.remove("value", from: name, in: zone, world.context())
            #expect(try await set(world, zone) == nil)
        }
    }

    @Test func `a proof of control over a name is seen at a name server, and removed after a crash`() async throws {
        try await run { world, texts, zone in
            let server = try await ZoneServer.start(
                ["example.net": ["_acme-challenge.shop 60 IN CNAME \(name)."]],
                ["hetzner": ["url": .string(try await world.hetzner.url()), "token": .string(StoredSecrets.token)]])
            let lookup = ResolverLookup(resolver: server.address, servers: [server.address])
            let proof = DNSProof(texts: texts, lookup: lookup)
            for host in ["*.api.example.com", "shop.example.net"] {
                let placed = try await proof.place("value of \(host)", for: host, limit: .seconds(60), world.context())
                #expect(placed == .init(name: name, zone: Self.zone, zoneID: zone.id, value: "value of \(host)"))
            }
            let seen = try await lookup.texts(of: name, at: server.address)
            #expect(seen.sorted() == ["value of *.api.example.com", "value of shop.example.net"])
            for host in ["*.api.example.com", "shop.example.net"] {
                let placed = DNSProof.Placed(name: name, zone: Self.zone, zoneID: zone.id, value: "value of \(host)")
                for _ in 1...2 { try await proof.remove(placed, world.context()) }
            }
            let left = try await lookup.texts(of: name, at: server.address)
            #expect(left == [])
            await server.stop()
        }
    }

    @Test func `without settings it says what to set`() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await HetznerTexts(HetznerConnection()).zone(of: name, Fixture.context())
        }
        #expect(error?.hint == "give the settings a section hetzner with a token")
    }
}
