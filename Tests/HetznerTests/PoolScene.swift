import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Hetzner

/// A Hetzner Cloud with nothing in it, and a bot that makes the analytics pool as the shipped files say, and may die.
final class PoolScene: Sendable {
    static let hostKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n"
    static let joinToken = "0123456789abcdef-the-join-token"
    private static let publicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGn8ZlTs2Q8d7x0Jv3u0yqg0Vb3c8m2n1p5r7t9v2x4z defimon"
    private static let values: JSONValue = [
        "cluster_name": "analytics", "cluster_region": "fsn1", "range": "10.40.0.0/16", "node_range": "10.40.0.0/24",
        "allowed_sources": "203.0.113.0/24, 198.51.100.7", "control_type": "cpx22", "worker_type": "cpx42",
        "workers": 3,
    ]

    private static func files(_ names: String...) -> JSONValue {
        [
            "files": .array(names.map { .string("deploy/analytics-pool/deployment/hetzner-\($0).yaml") }),
            "values": values,
        ]
    }

    /// What the deploy makes, one step after the other.
    static let steps = [files("network"), files("control"), files("workers"), files("balancer")]
    static let all = files("network", "control", "workers", "balancer")
    /// What is ordered of each, in a whole run.
    static let whole = [
        "create_network": 1, "create_firewall": 1, "create_placement_group": 1, "create_ssh_key": 1,
        "create_primary_ip": 1, "create_server": 4, "create_volume": 1, "create_load_balancer": 1,
    ]

    private struct Secrets: SecretSource {
        func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
            switch reference {
            case .environment("TOKEN"): Secret("token-of-the-project")
            case .stored("analytics-join-token"): Secret(joinToken)
            case .stored("analytics-host-key"): Secret(hostKey)
            case .stored("analytics-ssh-key.pub"), .stored("analytics-host-key.pub"): Secret(publicKey)
            default: throw MissingSecret("there is no \(reference)")
            }
        }
    }

    /// A sleep moves the time at once, and with it what is under way at Hetzner.
    private struct HastyTime: TimeSource {
        let clock: VirtualTime
        var now: Date { clock.now }

        func sleep(for duration: Duration) async throws {
            try Task.checkCancellation()
            clock.advance(by: duration)
        }
    }

    /// Ends a life after so many exchanges, counts the orders and writes down what was said.
    private final class Watch: Sendable {
        private let left = Mutex<(count: Int, die: @Sendable () -> Void)?>(nil)
        let orders = Mutex<[String: Int]>([:])
        let told = Mutex("")

        func begin(_ count: Int, _ die: @escaping @Sendable () -> Void) { left.withLock { $0 = (count, die) } }
        func end() { left.withLock { $0 = nil } }

        func add(_ exchange: SandboxExchange) {
            if exchange.methodID.hasPrefix("create_"), exchange.status == 201 {
                orders.withLock { $0[exchange.methodID, default: 0] += 1 }
            }
            let die = left.withLock { left -> (@Sendable () -> Void)? in
                guard let (count, die) = left else { return nil }
                left = count > 1 ? (count - 1, die) : nil
                return count > 1 ? nil : die
            }
            die?()
        }
    }

    let hetzner: HetznerStandIn
    private let client: HetznerClient
    private let time: HastyTime
    private let kept = MemoryKeptValues()
    private let watch: Watch
    /// How many steps the ledger says are done.
    private let done = Mutex(0)

    private init(_ hetzner: HetznerStandIn, _ client: HetznerClient, _ time: HastyTime, _ watch: Watch) {
        (self.hetzner, self.client, self.time, self.watch) = (hetzner, client, time, watch)
    }

    static func run<Value: Sendable>(_ body: @escaping @Sendable (PoolScene) async throws -> Value) async throws
        -> Value
    {
        let clock = VirtualTime()
        let hetzner = HetznerStandIn(
            HetznerStandIn.Configuration(tokens: [Secret("token-of-the-project")]), time: clock)
        let watch = Watch()
        hetzner.onExchange { watch.add($0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hetzner.run() }
            let url = try await hetzner.url()
            var reader = InputReader.reading(
                LocatedValue(["token": ["env": "TOKEN"], "endpoint": .string(url), "location": "fsn1"]))
            let settings = HetznerSettings(&reader)
            let value = try await withSession { session in
                let time = HastyTime(clock: clock)
                let client = try HetznerClient(settings, secrets: Secrets(), session: session, time: time)
                return try await body(PoolScene(hetzner, client, time, watch))
            }
            group.cancelAll()
            return value
        }
    }

    /// One life of the bot: goes on at the step where it was; true when all is made. It dies after so many exchanges,
    /// whether their last answer has been read or not.
    func live(_ exchanges: Int?) async throws -> Bool {
        let life = Task {
            while true {
                let step = done.withLock { $0 }
                guard step < PoolScene.steps.count else { return true }
                // What passes by itself is tried again by the engine.
                for attempt in 1... {
                    do {
                        _ = try await perform("hetzner.ensure", PoolScene.steps[step], step: step, attempt: attempt)
                        break
                    } catch let error as ActionError {
                        guard error.retry != .never, attempt < 20 else { throw error }
                        try await time.sleep(for: .seconds(10))
                    }
                }
                done.withLock { $0 = step + 1 }
            }
        }
        if let exchanges { watch.begin(exchanges) { life.cancel() } }
        defer { watch.end() }
        do { return try await life.value } catch  where life.isCancelled { return false }
    }

    /// What was ordered, by operation.
    var orders: [String: Int] { watch.orders.withLock { $0 } }
    /// What the actions have said.
    var told: String { watch.told.withLock { $0 } }

    /// What lacks one of the labels by which it is known whose it is.
    var unmarked: [String] {
        let kinds = [
            "networks", "firewalls", "placement_groups", "ssh_keys", "primary_ips", "servers", "volumes",
            "load_balancers",
        ]
        return kinds.flatMap { kind in
            hetzner.things(kind).filter { thing in
                // An address that Hetzner gives a machine of its own, and takes back with it.
                if thing["auto_delete"] == true { return false }
                let labels = thing["labels"]
                return labels?["defimon-pool"] != "analytics" || labels?["defimon-job"] == nil
                    || labels?["defimon-step"] == nil
            }.map { "\(kind) \($0["name"]?.plainText ?? "")" }
        }
    }

    private func action(_ name: String, _ inputs: JSONValue) throws -> any Action {
        let types = HetznerActions.types(HetznerConnection(client), root: Project.root)
        let type = try #require(types.first { $0.name == name })
        var reader = InputReader.reading(LocatedValue(inputs))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }

    private func context(step: Int, attempt: Int) -> ActionContext {
        ActionContext(
            jobID: JobID(7), idempotencyKey: "6f1c2d3e-0000-4000-8000-00000000000\(step)", attempt: attempt, time: time,
            timeLimit: .seconds(1200), kept: kept
        ) { [watch] words in watch.told.withLock { $0 += words } }
    }

    func perform(_ name: String, _ inputs: JSONValue, step: Int = 9, attempt: Int = 1) async throws -> JSONValue {
        let action = try #require(try action(name, inputs) as? any RepeatableAction)
        let output = try await action.perform(context(step: step, attempt: attempt))
        watch.told.withLock { $0 += output.canonicalText }
        return output
    }

    func plan(_ name: String, _ inputs: JSONValue) async throws -> ActionPlan {
        let action = try #require(try action(name, inputs) as? any Plannable)
        return try await action.plan(context(step: 9, attempt: 1))
    }
}
