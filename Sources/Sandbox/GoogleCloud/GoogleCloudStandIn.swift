package import Domain
import Foundation
import ServiceLifecycle
import Synchronization

/// Google Cloud on the loopback address: Compute Engine, Kubernetes Engine, Cloud DNS, and what gives tokens, all under
/// one base URL. Operations take their time and are looked at when somebody asks, so that a virtual clock moves them.
package final class GoogleCloudStandIn: Service {
    let configuration: Configuration
    let world: GoogleWorld
    let tokens: GoogleTokens
    private let server: SandboxServer
    private let watchers: SandboxWatchers

    package init(_ configuration: Configuration = Configuration(), time: any TimeSource = SystemTime()) {
        var state = GoogleState(configuration)
        state.resources = ComputeCatalogue(configuration).resources
        for (name, dnsName) in configuration.managedZones.sorted(by: { $0.key < $1.key }) {
            state.putZone("projects/\(configuration.project)/managedZones/\(name)", dnsName: dnsName, [:], time.now)
        }
        let world = GoogleWorld(state, time: time)
        let tokens = GoogleTokens(time: time, life: configuration.tokenLife)
        let watchers = SandboxWatchers()
        let front = GoogleFront(
            world: world, tokens: tokens, configuration: configuration, watchers: watchers)
        server = SandboxServer("google") { try await front.answer($0) }
        self.configuration = configuration
        self.world = world
        self.tokens = tokens
        self.watchers = watchers
    }

    /// Serves until the service group ends.
    package func run() async throws { try await server.run() }

    /// `http://127.0.0.1:PORT`, which takes the place of `https://compute.googleapis.com`, `…container…`, `…dns…`,
    /// `…sts…`, `…iamcredentials…`, `https://oauth2.googleapis.com` and `http://metadata.google.internal`; waits until
    /// it listens.
    package func url() async throws -> String { try await server.url() }

    /// Counts everything that changes.
    package var changes: ChangeCounter { world.changes }

    /// What goes wrong.
    package var failures: GoogleCloudFailures {
        get { world.failures }
        set { world.failures = newValue }
    }

    /// Every exchange from now on is handed to `body`, after it was answered.
    package func onExchange(_ body: @escaping @Sendable (SandboxExchange) -> Void) { watchers.add(body) }

    /// Requests so far, by method id and status: `compute.disks.insert 200`.
    package var received: [String] { watchers.received }

    /// A token that needs no grant, for those who test something else. `permissions` nil: all.
    package func token(
        for principal: String = "tester@example.com", permissions: Set<String>? = nil
    ) -> Secret { Secret(tokens.issue(principal, permissions).token) }

    /// Makes every token invalid at once.
    package func revokeTokens() { tokens.revokeAll() }

    /// A resource as its API shows it, by its path (`projects/p/zones/z/disks/d`); nil when there is none.
    package func resource(_ path: String) -> JSONValue? {
        // Looking cannot fail.
        try? world.read { state, _ in state.resources[path].map { JSONValue.object($0.body) } }
    }

    /// Paths of all resources whose path holds a text.
    package func paths(containing text: String) -> [String] {
        // Looking cannot fail.
        (try? world.read { state, _ in state.resources.keys.filter { $0.contains(text) }.sorted() }) ?? []
    }

    /// Writes to the first serial port of an instance (`projects/p/zones/z/instances/i`).
    package func writeSerial(_ instance: String, _ text: String) {
        // Appending cannot fail.
        try? world.change { state, _ in state.appendSerial(instance, text) }
    }

    /// What an instance has written on its first serial port.
    package func serial(_ instance: String) -> String {
        // Looking cannot fail.
        (try? world.read { state, _ in state.serial[instance] ?? "" }) ?? ""
    }

    /// Whether health checks find an instance well that runs.
    package func setHealth(_ instance: String, isWell: Bool) {
        // It cannot fail.
        try? world.change { state, _ in
            if isWell { state.sick.remove(instance) } else { state.sick.insert(instance) }
        }
    }

    /// Puts a resource there as if somebody had made it long ago, by its path, with the members that matter.
    package func put(_ path: String, _ body: [String: JSONValue]) {
        // It cannot fail.
        try? world.change { state, now in
            let id = state.newID()
            let made: [String: JSONValue] = [
                "id": .string(id), "name": .string(GoogleState.last(path)), "selfLink": ComputeReference.json(path),
                "creationTimestamp": .string(ComputeOperationShape.time(now)),
            ]
            state.resources[path] = GoogleResource(
                path: path, body: made.merging(body) { $1 }, isReady: true, visibleFrom: .distantPast)
        }
    }
}
