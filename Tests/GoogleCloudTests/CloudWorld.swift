import CryptoExtras
import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import GoogleCloud

/// Time that a sleep moves at once: who waits waits for nothing, and the stand-in's operations go on meanwhile.
struct HastyTime: TimeSource {
    let clock: VirtualTime

    var now: Date { clock.now }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        clock.advance(by: duration)
    }
}

/// The stand-in of Google Cloud, with actions that speak to it over HTTP. Every request that they send is checked against
/// the discovery documents.
final class CloudWorld: Sendable {
    static let project = "projects/example-project"
    static let zone = "\(project)/zones/europe-west3-a"
    static let region = "\(project)/regions/europe-west3"
    static let global = "\(project)/global"

    let google: GoogleCloudStandIn
    let time: HastyTime
    let kept = MemoryKeptValues()
    let cloud: CloudConnection
    private let exchanges: Exchanges

    private final class Exchanges: Sendable {
        let problems = Mutex<Set<String>>([])
        let seen = Mutex<[SandboxExchange]>([])

        func add(_ exchange: SandboxExchange) {
            seen.withLock { $0.append(exchange) }
            guard let document = GoogleDiscoveries.document(of: exchange.methodID) else {
                // Tokens and the metadata server have no document; a path that no method has is a mistake.
                if exchange.methodID.isEmpty { _ = problems.withLock { $0.insert("\(exchange.path): no method") } }
                return
            }
            let found = document.problems(
                request: exchange.methodID, verb: exchange.verb, path: exchange.path, query: exchange.query,
                body: exchange.request)
            problems.withLock { $0.formUnion(found.map { "\(exchange.methodID): \($0)" }) }
        }
    }

    private init(_ google: GoogleCloudStandIn, _ time: HastyTime, _ exchanges: Exchanges, _ client: GoogleCloudClient) {
        self.google = google
        self.time = time
        self.exchanges = exchanges
        cloud = CloudConnection(client)
    }

    /// Runs `body` with a stand-in; `permissions` are all that the bot's account has, nil: everything.
    static func run(
        permissions: Set<String>? = nil, _ change: (inout GoogleCloudStandIn.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (CloudWorld) async throws -> Void
    ) async throws {
        let time = HastyTime(clock: VirtualTime(now: Fixture.started))
        var configuration = GoogleCloudStandIn.Configuration()
        configuration.accounts = [
            .init(
                email: Fixture.email, keys: ["0123abcd": try Fixture.key.get().publicKey.pemRepresentation],
                permissions: permissions)
        ]
        change(&configuration)
        let google = GoogleCloudStandIn(configuration, time: time.clock)
        let exchanges = Exchanges()
        google.onExchange { exchanges.add($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await google.run() }
            let url = try await google.url()
            try await withSession { session in
                let client = try Fixture.client(session, at: url, time: time)
                try await body(CloudWorld(google, time, exchanges, client))
            }
            group.cancelAll()
        }
        #expect(exchanges.problems.withLock { $0 }.sorted() == [])
    }

    /// Requests to Compute Engine so far, by method id.
    var methods: [String] {
        exchanges.seen.withLock { $0 }.map(\.methodID).filter { $0.hasPrefix("compute.") }
    }

    var exchangesSeen: [SandboxExchange] { exchanges.seen.withLock { $0 } }

    /// Requests that change something, by method id.
    var changes: [String] {
        exchangesSeen.filter { $0.methodID.hasPrefix("compute.") && $0.verb != "GET" }.map(\.methodID)
    }

    func context(_ key: String = "6f1c2d3e-0000-4000-8000-000000000001", attempt: Int = 1) -> ActionContext {
        Fixture.context(key: key, attempt: attempt, time: time, kept: kept)
    }

    func action(_ name: String, _ inputs: JSONValue, root: String = "/") throws -> any Action {
        let type = try #require(GoogleCloudActions.types(cloud, root: root).first { $0.name == name })
        var reader = InputReader.reading(LocatedValue(inputs))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }

    func plan(_ name: String, _ inputs: JSONValue) async throws -> ActionPlan {
        let action = try #require(try action(name, inputs) as? any Plannable)
        return try await action.plan(context())
    }

    /// Runs an action to its end, as the engine does.
    @discardableResult
    func perform(_ name: String, _ inputs: JSONValue, key: String = UUID().uuidString, attempt: Int = 1) async throws
        -> JSONValue
    {
        let context = context(key, attempt: attempt)
        switch try action(name, inputs) {
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

    static let networkInputs: JSONValue = ["name": "main"]
    static let subnetworkInputs: JSONValue = ["name": "nodes", "network": "main", "range": "10.10.0.0/20"]
    static let diskInputs: JSONValue = ["name": "chain-0", "size": "2TiB", "type": "pd-ssd"]
    static let instanceInputs: JSONValue = [
        "name": "geth-0", "machine_type": "n2-standard-8",
        "image": "projects/debian-cloud/global/images/family/debian-12", "boot_size": "50GiB", "disks": ["chain-0"],
        "subnetwork": "nodes", "external_ip": "ephemeral", "network_tags": ["geth"],
        "metadata": ["enable-oslogin": "TRUE"], "startup_script": "#!/bin/sh\n", "secure_boot": true,
    ]

    func makeNetwork() async throws {
        try await perform("gcp.network-ensure", Self.networkInputs)
        try await perform("gcp.subnetwork-ensure", Self.subnetworkInputs)
    }

    func makeInstance() async throws {
        try await makeNetwork()
        try await perform("gcp.disk-ensure", Self.diskInputs)
        try await perform("gcp.instance-ensure", Self.instanceInputs)
    }
}

extension JSONValue {
    /// The same map with other members.
    func with(_ members: [String: JSONValue]) -> JSONValue {
        .object((objectValue ?? [:]).merging(members) { $1 })
    }
}
