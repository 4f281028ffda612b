package import Domain
import Foundation
import ServiceLifecycle

/// Hetzner's Cloud API on the loopback address, with one project. Actions take their time and are looked at when
/// somebody asks, so that a virtual clock moves them.
package final class HetznerStandIn: Service {
    let configuration: Configuration
    let world: HetznerWorld
    private let server: SandboxServer
    private let watchers = SandboxWatchers()

    package init(_ configuration: Configuration, time: any TimeSource = SystemTime()) {
        var state = HetznerState(configuration)
        state.resources = HetznerCatalogue().resources
        for zone in configuration.zones {
            // What is no name of a zone is none.
            _ = try? state.putZone(zone, ttl: 3600, labels: [:], time.now)
        }
        let world = HetznerWorld(state, time: time)
        // What is refused of it is not there; a test sees that nothing is.
        try? configuration.seed?.plant(HetznerAPI(world: world))
        let front = HetznerFront(world: world, configuration: configuration, watchers: watchers)
        server = SandboxServer("hetzner") { try await front.answer($0) }
        self.configuration = configuration
        self.world = world
    }

    /// Serves until the service group ends.
    package func run() async throws { try await server.run() }

    /// `http://127.0.0.1:PORT/v1`, which takes the place of `https://api.hetzner.cloud/v1`; waits until it listens.
    package func url() async throws -> String { try await server.url() + "/v1" }

    /// Counts everything that changes.
    package var changes: ChangeCounter { world.changes }

    /// What goes wrong.
    package var failures: HetznerFailures {
        get { world.failures }
        set { world.failures = newValue }
    }

    /// Every exchange from now on is handed to `body`, after it was answered.
    package func onExchange(_ body: @escaping @Sendable (SandboxExchange) -> Void) { watchers.add(body) }

    /// Names of all operations that are played, sorted.
    package var operations: [String] { HetznerAPI(world: world).methods.map(\.id).sorted() }

    /// Requests so far, by operation and status: `create_server 201`.
    package var received: [String] { watchers.received }

    /// `body` is told of every server that begins to run, as the API shows it: when it is made, powered on, reset or
    /// built anew; and, at once, of those that run already. It is called when somebody looks at the stand-in, outside of
    /// its locks, and may be told of one twice.
    package func onServerRunning(_ body: @escaping @Sendable (JSONValue) -> Void) {
        world.hook { $0.running.append(body) }
        for server in things("servers") where server["status"] == "running" { body(server) }
    }

    /// `body` is told of every server that was deleted, as it was last shown.
    package func onServerGone(_ body: @escaping @Sendable (JSONValue) -> Void) { world.hook { $0.gone.append(body) } }

    /// All things of a kind as the API shows them, by its path: `servers`, `load_balancers`. Empty for what is no kind.
    package func things(_ collection: String) -> [JSONValue] {
        guard let kind = HetznerKind(rawValue: collection) else { return [] }
        // Looking cannot fail.
        return (try? world.read { state, _ in state.all(kind).map(state.shown) }) ?? []
    }

    /// One thing by its kind's path and its name.
    package func thing(_ collection: String, _ name: String) -> JSONValue? {
        things(collection).first { $0["name"]?.stringValue == name }
    }

    /// What a server was given as user data, by its name.
    package func userData(_ name: String) -> String? {
        // Looking cannot fail.
        try? world.read { state, _ in
            state.all(.servers).first { $0.name == name }.flatMap { state.userData[$0.id] }
        }
    }

    /// Values of a record set of a zone (`example.com`, `www`, `A`); empty when there is none.
    package func records(_ zone: String, _ name: String, _ type: String) -> [String] {
        // Looking cannot fail.
        let found = try? world.read { state, _ in
            state.all(.zones).first { $0.name == zone }.flatMap { state.records[$0.id]?["\(name)/\(type)"] }
        }
        return (found?["records"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
    }

    /// Whether health checks of load balancers find a server well that runs, by its name.
    package func setHealth(_ name: String, isWell: Bool) {
        // It cannot fail.
        try? world.change { state, _ in
            for server in state.all(.servers) where server.name == name {
                if isWell { state.sick.remove(server.id) } else { state.sick.insert(server.id) }
            }
        }
    }
}
