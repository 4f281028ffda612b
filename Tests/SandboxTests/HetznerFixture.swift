import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

/// A Hetzner Cloud whose every exchange is checked against the OpenAPI document.
struct HetznerFixture: Sendable {
    static let token = Secret("sandbox-token-of-one-project")
    static let publicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGn8ZlTs2Q8d7x0Jv3u0yqg0Vb3c8m2n1p5r7t9v2x4z defimon"

    let time: VirtualTime
    let hetzner: HetznerStandIn
    private let problems: Problems

    final class Problems: Sendable {
        private let all = Mutex<Set<String>>([])
        func add(_ more: [String]) { all.withLock { $0.formUnion(more) } }
        var found: Set<String> { all.withLock { $0 } }
    }

    init(_ change: (inout HetznerStandIn.Configuration) -> Void = { _ in }) {
        var configuration = HetznerStandIn.Configuration(tokens: [Self.token])
        change(&configuration)
        time = VirtualTime()
        hetzner = HetznerStandIn(configuration, time: time)
        problems = Problems()
        Self.check(hetzner, problems)
    }

    /// Adds what does not fit the document in any exchange from now on.
    static func check(_ hetzner: HetznerStandIn, _ problems: Problems) {
        hetzner.onExchange { exchange in
            guard HetznerDescription.isThere else { return }
            problems.add(
                HetznerDescription.problems(
                    exchange.methodID, verb: exchange.verb, path: exchange.path, query: exchange.query,
                    request: exchange.request, status: exchange.status, answer: exchange.answer))
        }
    }

    /// Runs the stand-in, then looks whether every exchange was by the book.
    func run(_ body: @escaping @Sendable (HetznerFixture) async throws -> Void) async throws {
        try await running([{ try await hetzner.run() }]) { try await body(self) }
        #expect(problems.found.sorted() == [])
    }

    /// A request; `path` stands after `/v1/`.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, token: Secret = HetznerFixture.token
    ) async throws -> HTTPResponse {
        try await ask(
            method, "\(try await hetzner.url())/\(path)",
            [("Authorization", "Bearer \(token.reveal())"), ("Content-Type", "application/json")],
            body?.canonicalText)
    }

    func get(_ path: String) async throws -> JSONValue { try await call("GET", path).json }

    /// Makes a change, lets everything that it begins end, and returns the answer. The first action must succeed.
    @discardableResult
    func done(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let answer = try await call(method, path, body)
        guard (200..<300).contains(answer.status) else {
            Issue.record("\(method) \(path): \(answer.status) \(answer.text)")
            return .null
        }
        time.advance(by: .seconds(20))
        guard answer.status != 204 else { return .null }
        let json = try answer.json
        if let id = (json["action"] ?? json.at(path: "actions.0"))?["id"]?.intValue {
            let action = try await get("actions/\(id)")
            #expect(action.at(path: "action.status") == "success")
        }
        return json
    }

    /// Makes a thing and returns its number.
    func make(_ collection: String, _ body: JSONValue) async throws -> Int {
        let answer = try await done("POST", collection, body)
        let kind = String(collection.dropLast())
        return try #require(answer[kind]?["id"]?.intValue)
    }

    func makeNetwork() async throws -> Int {
        try await make(
            "networks",
            [
                "name": "analytics", "ip_range": "10.40.0.0/16",
                "subnets": [["type": "cloud", "network_zone": "eu-central", "ip_range": "10.40.1.0/24"]],
            ])
    }

    static func server(_ name: String = "analytics-worker-1", _ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "name": .string(name), "server_type": "cx32", "image": "debian-12", "location": "fsn1",
            "labels": ["defimon-pool": "analytics"],
        ]
        return .object(usual.merging(more) { $1 })
    }

    func makeServer(_ name: String = "analytics-worker-1", _ more: [String: JSONValue] = [:]) async throws -> Int {
        try await make("servers", Self.server(name, more))
    }

    /// A refusal's status, code and words.
    func refusal(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> String {
        let answer = try await call(method, path, body)
        // What is no JSON has no code.
        let error = (try? answer.json)?["error"]
        return "\(answer.status) \(error?["code"]?.stringValue ?? "")"
    }

    /// A member of a server.
    func server(_ id: Int, _ path: String) async throws -> JSONValue? {
        try await get("servers/\(id)").at(path: "server.\(path)")
    }
}
