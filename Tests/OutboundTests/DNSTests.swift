import Domain
import TestSupport
import Testing

@testable import Outbound

@Suite struct DNSTests {
    private static let zone: [String: [String]] = [
        "example.org": [
            "www 60 IN A 192.0.2.1", "t 60 IN TXT \"one\" \"two\"", "t 60 IN TXT \"a b\"",
            "a 60 IN CNAME t.example.org.",
            "loop 60 IN CNAME loop.example.org.", "away 60 IN CNAME Gone.Example.net.",
        ] + (1...10).map { "c\($0) 60 IN CNAME c\($0 - 1).example.org." },
        "big.example": (0..<64).map { "most 60 IN TXT \"value-of-\($0)\"" }
            + (0..<65).map { "more 60 IN TXT \"value-of-\($0)\"" },
    ]

    /// The same with errors of any type, as `#expect` needs them.
    private struct Asking: Sendable {
        let lookup: ResolverLookup

        func texts(of name: String, at server: ListenAddress) async throws -> [String] {
            try await lookup.texts(of: name, at: server)
        }
        func canonicalName(of name: String) async throws -> String { try await lookup.canonicalName(of: name) }
        func servers(of zone: String) async throws -> [ListenAddress] { try await lookup.servers(of: zone) }
    }

    private func lookup(_ server: ZoneServer, servers: [ListenAddress] = []) -> Asking {
        Asking(
            lookup: ResolverLookup(resolver: server.address, servers: servers, port: server.address.port, seconds: 1))
    }

    @Test func `texts are read with their parts joined, of the name itself only`() async throws {
        let server = try await ZoneServer.start(Self.zone)
        let lookup = lookup(server)
        #expect(try await lookup.texts(of: "T.example.org.", at: server.address).sorted() == ["a b", "onetwo"])
        #expect(try await lookup.texts(of: "a.example.org", at: server.address) == [])
        #expect(try await lookup.texts(of: "www.example.org", at: server.address) == [])
        #expect(try await lookup.texts(of: "nobody.example.org", at: server.address) == [])
        // A zone's own server is not asked to ask others.
        #expect(server.questions.allSatisfy { $0["recursive"] == false })
        await server.stop()
    }

    @Test func `an answer that is too large for a datagram comes by TCP, and has 64 texts at most`() async throws {
        let server = try await ZoneServer.start(Self.zone)
        let lookup = lookup(server)
        #expect(try await lookup.texts(of: "most.big.example", at: server.address).count == 64)
        #expect(server.questions.map { $0["udp"] } == [true, false])
        let error = await #expect(throws: ActionError.self) {
            try await lookup.texts(of: "more.big.example", at: server.address)
        }
        #expect(error?.message == "more.big.example has 65 TXT records, of which 64 are looked at")
        await server.stop()
    }

    @Test(arguments: [
        ("refuse", "refuses to answer (REFUSED)"), ("fail", "says that it failed (SERVFAIL)"),
        ("silent", "does not answer"), ("strange", "does not answer"),
    ])
    func `a server that does not help is named, with what it does`(_ word: String, _ words: String) async throws {
        let server = try await ZoneServer.start(Self.zone)
        try server.switch(word)
        let error = await #expect(throws: ActionError.self) {
            try await lookup(server).texts(of: "t.example.org", at: server.address)
        }
        #expect(error?.message == "the name server \(server.address) \(words), asked for txt of t.example.org")
        #expect(error?.retry == .later(afterMilliseconds: nil))
        await server.stop()
    }

    @Test func `nobody at a port, and an address that is none, are told`() async throws {
        let lookup = ResolverLookup(resolver: nil, port: 53, seconds: 1)
        let closed = ListenAddress(host: "127.0.0.1", port: try FreePort.take())
        let silent = await #expect(throws: ActionError.self) { try await lookup.texts(of: "t.example.org", at: closed) }
        #expect(silent?.message.contains("does not answer") == true)
        let none = await #expect(throws: ActionError.self) {
            try await lookup.texts(of: "t.example.org", at: ListenAddress(host: "ns1.example.org", port: 53))
        }
        #expect(none?.message.contains("cannot be asked") == true)
        let long = String(repeating: "a", count: 64) + ".example.org"
        let name = await #expect(throws: ActionError.self) { try await lookup.texts(of: long, at: closed) }
        #expect(name?.message.contains("cannot be asked") == true)
    }

    @Test func `a server may have an IPv6 address`() async throws {
        let server = try await ZoneServer.start(Self.zone, ["host": "::1"])
        #expect(try await lookup(server).texts(of: "t.example.org", at: server.address).count == 2)
        await server.stop()
    }

    @Test func `CNAMEs are followed, eight of them, also to a name that is not there`() async throws {
        let server = try await ZoneServer.start(Self.zone.merging(["example.net": []]) { $1 })
        let lookup = lookup(server)
        #expect(try await lookup.canonicalName(of: "WWW.example.org.") == "www.example.org")
        #expect(try await lookup.canonicalName(of: "a.example.org") == "t.example.org")
        #expect(try await lookup.canonicalName(of: "away.example.org") == "gone.example.net")
        #expect(try await lookup.canonicalName(of: "c8.example.org") == "c0.example.org")
        for name in ["c9.example.org", "loop.example.org"] {
            let error = await #expect(throws: ActionError.self) { try await lookup.canonicalName(of: name) }
            #expect(error?.message == "\(name) leads over more than 8 CNAMEs")
        }
        await server.stop()
    }

    @Test func `the servers of a zone are those of its NS records, each by one address`() async throws {
        let names = ["ns1.example.org", "ns2.example.org", "ns3.example.net"]
        let server = try await ZoneServer.start(
            Self.zone.merging(["example.net": ["ns3 60 IN A 127.0.0.3", "ns3 60 IN A 127.0.0.4"]]) { $1 },
            ["servers": .array(names.map { .string($0) }), "addresses": ["127.0.0.1", "::1", "127.0.0.9"]])
        let found = try await lookup(server).servers(of: "example.org")
        #expect(found.map(\.host) == ["127.0.0.1", "::1", "127.0.0.3"])
        #expect(found.allSatisfy { $0.port == server.address.port })
        let given = ListenAddress(host: "192.0.2.53", port: 53)
        #expect(try await lookup(server, servers: [given]).servers(of: "example.org") == [given])
        let missing = await #expect(throws: ActionError.self) {
            try await lookup(server).servers(of: "www.example.org")
        }
        #expect(missing?.message == "the zone www.example.org has no name servers (NS records)")
        await server.stop()
    }

    @Test(arguments: [16, 17]) func `sixteen servers of a zone are asked at most`(_ count: Int) async throws {
        let names = (1...count).map { JSONValue.string("ns\($0 + 10).example.org") }
        let addresses = (1...count).map { JSONValue.string("127.0.0.\($0)") }
        let server = try await ZoneServer.start(
            ["example.org": []], ["servers": .array(names), "addresses": .array(addresses)])
        #expect(try await lookup(server).servers(of: "example.org").count == 16)
        await server.stop()
    }
}
