import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ACME

/// Zones and name servers that do as they are told.
private final class ScriptedDNS: DNSTexts, DNSLookup {
    struct State {
        var zones = [DNSZone(domain: "example.org", id: "z1")]
        var aliases: [String: String] = [:]
        var records: [String: [String]] = [:]
        /// For each name server, after how many looks it has what is there; nil: it does not answer.
        var servers: [Int?] = [0, 0, 0]
        var looks: [Int: Int] = [:]
        var log: [String] = []
        var removalFails = false
    }

    let state = Mutex(State())
    let title = "Test DNS"

    init(_ change: (inout State) -> Void = { _ in }) { state.withLock { change(&$0) } }

    func zone(of name: String, _ context: ActionContext) async throws(ActionError) -> DNSZone? {
        state.withLock { $0.zones.first { name.hasSuffix("." + $0.domain) } }
    }
    func add(_ value: String, to name: String, in zone: DNSZone, _ context: ActionContext) async throws(ActionError) {
        state.withLock {
            $0.log.append("add \(value) to \(name) in \(zone.id)")
            $0.records[name, default: []].append(value)
        }
    }
    func remove(_ value: String, from name: String, in zone: DNSZone, _ context: ActionContext)
        async throws(ActionError)
    {
        let fails = state.withLock { state in
            state.log.append("remove \(value) from \(name) in \(zone.id)")
            if !state.removalFails { state.records[name]?.removeAll { $0 == value } }
            return state.removalFails
        }
        if fails { throw ActionError("the provider sleeps") }
    }
    func canonicalName(of name: String) async throws(ActionError) -> String {
        state.withLock { $0.aliases[name] ?? name }
    }
    func servers(of zone: String) async throws(ActionError) -> [ListenAddress] {
        let count = state.withLock { $0.servers.count }
        guard count > 0 else { throw ActionError("the zone \(zone) has no name servers") }
        return (0..<count).map { ListenAddress(host: "192.0.2.\($0)", port: 53) }
    }
    func texts(of name: String, at server: ListenAddress) async throws(ActionError) -> [String] {
        let answer: [String]? = state.withLock { state in
            let number = Int(server.host.split(separator: ".").last ?? "") ?? 0
            guard let after = state.servers[number] else { return nil }
            state.looks[number, default: 0] += 1
            return state.looks[number, default: 0] > after ? state.records[name] ?? [] : []
        }
        guard let answer else { throw ActionError("\(server) does not answer") }
        return answer
    }

    var log: [String] { state.withLock { $0.log } }
}

/// Time that a sleep moves at once, and that remembers how long each was.
private final class HastyTime: TimeSource {
    private let clock = VirtualTime()
    private let slept = Mutex<[Duration]>([])

    var now: Date { clock.now }
    var pauses: [Duration] { slept.withLock { $0 } }
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        slept.withLock { $0.append(duration) }
        clock.advance(by: duration)
    }
}

@Suite struct DNSProofTests {
    private final class Heard: Sendable {
        private let list = Mutex<[String]>([])
        var lines: [String] { list.withLock { $0 } }
        func add(_ line: String) { list.withLock { $0.append(line) } }
    }

    private let time = HastyTime()
    private let heard = Heard()

    private var context: ActionContext {
        ActionContext(jobID: 42, idempotencyKey: "k", attempt: 1, time: time, progress: { [heard] in heard.add($0) })
    }

    private func proof(_ dns: ScriptedDNS) -> DNSProof { DNSProof(texts: dns, lookup: dns) }

    @Test(arguments: ["example.org", "*.example.org", "EXAMPLE.org"])
    func `the record of a name and of its wildcard is the same`(
        _ name: String
    ) async throws {
        let dns = ScriptedDNS { $0.zones = [DNSZone(domain: "org", id: "z0")] }
        let placed = try await proof(dns).place("v", for: name, limit: .seconds(60), context)
        #expect(placed == .init(name: "_acme-challenge.example.org", zone: "org", zoneID: "z0", value: "v"))
        #expect(dns.log == ["add v to _acme-challenge.example.org in z0"])
        #expect(heard.lines == ["3 of 3 name servers of org have it"])
        #expect(time.pauses == [])
    }

    @Test func `the record stands where CNAMEs lead`() async throws {
        let dns = ScriptedDNS { $0.aliases = ["_acme-challenge.shop.net": "shop-net.proofs.example.org"] }
        let placed = try await proof(dns).place("v", for: "shop.net", limit: .seconds(60), context)
        #expect(placed.name == "shop-net.proofs.example.org")
        #expect(placed.zone == "example.org")
        try await proof(dns).remove(placed, context)
        #expect(dns.log.last == "remove v from shop-net.proofs.example.org in z1")
    }

    @Test func `a name without a zone is told, with what to delegate, and nothing is changed`() async throws {
        let dns = ScriptedDNS { $0.aliases = ["_acme-challenge.shop.net": "gone.net"] }
        let other = await #expect(throws: ActionError.self) {
            try await proof(dns).place("v", for: "shop.com", limit: .seconds(60), context)
        }
        #expect(
            other?.message
                == "the proof for shop.com must stand at _acme-challenge.shop.com, and Test DNS has no zone for it")
        let led = await #expect(throws: ActionError.self) {
            try await proof(dns).place("v", for: "shop.net", limit: .seconds(60), context)
        }
        #expect(led?.message.contains("at gone.net, where the CNAME of _acme-challenge.shop.net leads, and") == true)
        #expect(led?.hint?.contains("_acme-challenge.shop.net") == true)
        dns.state.withLock { $0.servers = [] }
        await #expect(throws: ActionError.self) {
            try await proof(dns).place("v", for: "example.org", limit: .seconds(60), context)
        }
        #expect(dns.log == [])
    }

    @Test func `it waits until each name server has it, longer and longer`() async throws {
        let dns = ScriptedDNS { $0.servers = [0, 2, 6] }
        _ = try await proof(dns).place("v", for: "a.example.org", limit: .seconds(600), context)
        #expect(time.pauses == [1, 2, 4, 8, 15, 15].map { .seconds($0) })
        #expect(heard.lines.first == "1 of 3 name servers of example.org have it")
        #expect(heard.lines[2] == "2 of 3 name servers of example.org have it")
        #expect(heard.lines.last == "3 of 3 name servers of example.org have it")
    }

    @Test(
        arguments: [([0, nil], true), ([0, nil, nil], false), ([nil], false), ([0, 0, nil, nil], true)]
            as [([Int?], Bool)])
    func `not more than half of the servers may be silent`(_ servers: [Int?], _ isEnough: Bool) async throws {
        let dns = ScriptedDNS { $0.servers = servers }
        if isEnough {
            _ = try await proof(dns).place("v", for: "a.example.org", limit: .seconds(60), context)
        } else {
            let error = await #expect(throws: ActionError.self) {
                try await proof(dns).place("v", for: "a.example.org", limit: .seconds(60), context)
            }
            #expect(error?.message.contains("does not answer") == true)
        }
    }

    @Test func `servers that never have it are named after the limit, and the record is removed`() async throws {
        let dns = ScriptedDNS { $0.servers = [0, 1000, 1000] }
        let error = await #expect(throws: ActionError.self) {
            try await proof(dns).place("v", for: "a.example.org", limit: .seconds(20), context)
        }
        #expect(time.pauses == [1, 2, 4, 8, 5].map { .seconds($0) })
        #expect(
            error?.message
                == "Test DNS has taken the TXT record of _acme-challenge.a.example.org, and its name servers do not show it "
                + "after 20 s: 192.0.2.1:53, 192.0.2.2:53 do not have it")
        #expect(error?.mayHaveTakenEffect == false)
        #expect(dns.log.last == "remove v from _acme-challenge.a.example.org in z1")
        dns.state.withLock { $0.removalFails = true }
        let left = await #expect(throws: ActionError.self) {
            try await proof(dns).place("v", for: "a.example.org", limit: .zero, context)
        }
        #expect(left?.message.hasSuffix("it could not be removed either: the provider sleeps") == true)
        #expect(left?.mayHaveTakenEffect == true)
    }

    @Test func `a wait that is broken off leaves the record for the step that goes on`() async throws {
        let dns = ScriptedDNS { $0.servers = [1000] }
        let (time, waiting) = (VirtualTime(), proof(dns))
        let run = Task {
            try await waiting.place(
                "v", for: "a.example.org", limit: .seconds(600),
                ActionContext(jobID: 42, idempotencyKey: "k", attempt: 1, time: time, progress: { _ in }))
        }
        await time.untilSleeping(1)
        run.cancel()
        let error = await #expect(throws: ActionError.self) { try await run.value }
        #expect(error?.message.contains("broken off") == true)
        #expect(dns.log == ["add v to _acme-challenge.a.example.org in z1"])
    }

    @Test func `where a value stands can be kept`() throws {
        let placed = DNSProof.Placed(name: "a.example.org", zone: "example.org", zoneID: "z1", value: "v")
        #expect(try JSONDecoder().decode(DNSProof.Placed.self, from: JSONEncoder().encode(placed)) == placed)
    }
}
