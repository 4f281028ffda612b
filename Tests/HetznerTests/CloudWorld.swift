import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Hetzner

/// The stand-in of Hetzner Cloud, with actions that speak to it over HTTP. Every request that they send, and every answer,
/// is checked against the OpenAPI document.
final class CloudWorld: Sendable {
    let hetzner: HetznerStandIn
    let time: HastyTime
    let kept = MemoryKeptValues()
    let secrets: StoredSecrets
    let cloud: HetznerConnection
    private let exchanges: Exchanges

    private final class Exchanges: Sendable {
        let problems = Mutex<Set<String>>([])
        let seen = Mutex<[SandboxExchange]>([])

        func add(_ exchange: SandboxExchange) {
            seen.withLock { $0.append(exchange) }
            if exchange.methodID.isEmpty { _ = problems.withLock { $0.insert("\(exchange.path): no method") } }
            // One that was cut has no answer.
            guard HetznerDescription.isThere, exchange.status < 500 || exchange.answer != .null else { return }
            let found = HetznerDescription.problems(
                exchange.methodID, verb: exchange.verb, path: exchange.path, query: exchange.query,
                request: exchange.request, status: exchange.status, answer: exchange.answer)
            problems.withLock { $0.formUnion(found) }
        }
    }

    private init(
        _ hetzner: HetznerStandIn, _ time: HastyTime, _ exchanges: Exchanges, _ client: HetznerClient,
        _ secrets: StoredSecrets
    ) {
        self.hetzner = hetzner
        self.time = time
        self.exchanges = exchanges
        self.secrets = secrets
        cloud = HetznerConnection(client)
    }

    static let publicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGn8ZlTs2Q8d7x0Jv3u0yqg0Vb3c8m2n1p5r7t9v2x4z defimon"

    /// Runs `body` with a stand-in.
    static func run(
        _ change: (inout HetznerStandIn.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (CloudWorld) async throws -> Void
    ) async throws {
        let time = HastyTime(clock: VirtualTime(now: Fixture.started))
        var configuration = HetznerStandIn.Configuration(tokens: [Secret(StoredSecrets.token)])
        change(&configuration)
        let hetzner = HetznerStandIn(configuration, time: time.clock)
        let exchanges = Exchanges()
        hetzner.onExchange { exchanges.add($0) }
        let secrets = StoredSecrets(["pool-key.pub": publicKey, "join": "join-\"token\"\nof two lines"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hetzner.run() }
            let url = try await hetzner.url()
            try await withSession { session in
                let client = try Fixture.client(session, at: url, time: time, secrets: secrets)
                try await body(CloudWorld(hetzner, time, exchanges, client, secrets))
            }
            group.cancelAll()
        }
        #expect(exchanges.problems.withLock { $0 }.sorted() == [])
    }

    var exchangesSeen: [SandboxExchange] { exchanges.seen.withLock { $0 } }
    /// Requests that change something, by operation.
    var changes: [String] { exchangesSeen.filter { $0.verb != "GET" }.map(\.methodID) }

    func context(_ key: String = "6f1c2d3e-0000-4000-8000-000000000001", attempt: Int = 1) -> ActionContext {
        Fixture.context(key: key, attempt: attempt, time: time, kept: kept)
    }

    func action(_ name: String, _ inputs: JSONValue, root: String = "/") throws -> any Action {
        let type = try #require(HetznerActions.types(cloud, root: root).first { $0.name == name })
        var reader = InputReader.reading(LocatedValue(inputs))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }

    func plan(_ name: String, _ inputs: JSONValue, root: String = "/") async throws -> ActionPlan {
        let action = try #require(try action(name, inputs, root: root) as? any Plannable)
        return try await action.plan(context())
    }

    /// Runs an action to its end, as the engine does.
    @discardableResult
    func perform(
        _ name: String, _ inputs: JSONValue, key: String = UUID().uuidString, attempt: Int = 1, root: String = "/"
    ) async throws -> JSONValue {
        let context = context(key, attempt: attempt)
        switch try action(name, inputs, root: root) {
        case let action as any RepeatableAction: return try await action.perform(context)
        case let action as any RemoteOperation:
            return try await observe(action, try await action.start(context), context)
        default: throw ActionError("no such kind of action")
        }
    }

    func observe(_ action: any RemoteOperation, _ handle: JSONValue, _ context: ActionContext) async throws -> JSONValue
    {
        for _ in 0..<1000 {
            switch try await action.observe(handle, context) {
            case .running(_, let pause): try await time.sleep(for: pause)
            case .done(let output): return output
            case .failed(let error): throw error
            case .gone: throw ActionError("gone")
            }
        }
        throw ActionError("it does not end")
    }

    // MARK: What tests begin with

    static let network: JSONValue = [
        "name": "pool", "range": "10.40.0.0/16", "subnets": [["range": "10.40.1.0/24"]],
    ]
    static let server: JSONValue = [
        "name": "web-1", "type": "cx22", "image": "debian-12", "delete_protection": false,
    ]
    /// A whole pool, each with its kind, not in the order that it needs.
    static let things: [JSONValue] = [
        [
            "kind": "load-balancer", "name": "pool", "type": "lb11", "network": "pool", "private_ip": "10.40.1.250",
            "services": [
                ["protocol": "tcp", "listen_port": 443, "destination_port": 30443, "proxyprotocol": true],
                [
                    "protocol": "http", "listen_port": 80, "destination_port": 30080,
                    "health_check": ["protocol": "http", "port": 30080, "path": "/healthz", "interval": "5s"],
                ],
            ],
            "targets": [["label_selector": "role=worker", "use_private_ip": true]],
        ],
        ["kind": "volume", "name": "data", "size": "20GiB", "server": "control-1", "format": "ext4"],
        [
            "kind": "server", "name": "control-1", "type": "cx22", "image": "debian-12", "placement_group": "pool",
            "networks": [["network": "pool", "private_ip": "10.40.1.10"]], "firewalls": ["nodes"],
            "ssh_keys": ["pool"], "primary_ip": "control", "labels": ["role": "control"], "delete_protection": true,
            "user_data": ["write_files": [["path": "/token", "content": "{{secrets.join}}"]]],
            "secrets": ["join": ["stored": "join"]],
        ],
        [
            "kind": "servers", "name": "worker", "count": 2, "keep": "workers", "type": "cx22", "image": "debian-12",
            "placement_group": "pool", "networks": [["network": "pool"]], "firewalls": ["nodes"],
            "ssh_keys": ["pool"], "labels": ["role": "worker"],
        ],
        network.with(["kind": "network"]),
        [
            "kind": "firewall", "name": "nodes", "apply_to_label": "defimon-pool=analytics",
            "rules": [
                ["protocol": "tcp", "port": "22", "sources": "203.0.113.0/24, 198.51.100.7", "description": "SSH"],
                ["protocol": "icmp", "sources": ["0.0.0.0/0", "::/0"]],
            ],
        ],
        ["kind": "placement-group", "name": "pool"],
        ["kind": "ssh-key", "name": "pool", "public_key": ["stored": "pool-key.pub"]],
        ["kind": "primary-ip", "name": "control"],
        ["kind": "floating-ip", "name": "way-in", "server": "worker-1"],
        ["kind": "dns-records", "zone": "example.com", "name": "api.example.com", "values": ["192.0.2.10"]],
        ["kind": "dns-zone", "name": "example.org"],
    ]
    /// Things and the servers alike, each by itself.
    static let count = things.count + 1

    static var pool: JSONValue { ["things": .array(things)] }
    static func pool(_ change: ([JSONValue]) -> [JSONValue]) -> JSONValue { ["things": .array(change(things))] }
}
