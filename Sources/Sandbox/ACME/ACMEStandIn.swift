package import Domain
import Foundation
import ServiceLifecycle

/// A certificate authority on the loopback address, by ACME (RFC 8555) with renewal information (RFC 9773) and profiles.
/// Proofs are really looked for, certificates really signed.
package final class ACMEStandIn: Service {
    private let world: ACMEWorld
    private let authority: ACMEAuthority
    private let server: SandboxServer
    private let watchers = SandboxWatchers()
    private let validation: ACMEValidation
    private let proofs: AsyncStream<ACMEProof>

    /// Throws when the authority's own certificates cannot be made.
    package init(_ configuration: Configuration, time: any TimeSource = SystemTime()) throws {
        let world = ACMEWorld(time: time)
        let (proofs, next) = AsyncStream.makeStream(of: ACMEProof.self)
        authority = try ACMEAuthority(now: time.now)
        let api = ACMEAPI(
            world: world, authority: authority, configuration: configuration, prove: { next.yield($0) })
        let front = ACMEFront(api, watchers: watchers)
        server = SandboxServer("acme") { try await front.answer($0) }
        validation = ACMEValidation(world: world, configuration: configuration)
        self.world = world
        self.proofs = proofs
    }

    /// Serves until the service group ends.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [validation, proofs] in await validation.run(proofs) }
            defer { group.cancelAll() }
            try await server.run()
        }
    }

    /// `http://127.0.0.1:PORT/acme/directory`; waits until it listens.
    package func url() async throws -> String { try await server.url() + "/acme/directory" }

    /// Counts everything that changes.
    package var changes: ChangeCounter { world.changes }

    /// What goes wrong.
    package var failures: ACMEFailures {
        get { world.failures }
        set { world.failures = newValue }
    }

    /// Every exchange from now on is handed to `body`, after it was answered; of a signed request it has the payload.
    package func onExchange(_ body: @escaping @Sendable (SandboxExchange) -> Void) { watchers.add(body) }

    /// Requests so far, by method and status: `newOrder 201`.
    package var received: [String] { watchers.received }

    /// The root to which chains lead, in PEM.
    package var root: String { authority.root }

    /// The root to which the alternate chains lead, in PEM.
    package var otherRoot: String { authority.otherRoot }

    /// Orders that were made so far.
    package var orderCount: Int { world.read { state, _ in state.orderCount } }

    /// Certificates that were signed, the oldest first.
    package var issued: [ACMEIssue] { world.read { state, _ in state.certificates } }

    /// Addresses of the accounts that there are, by their ids, with those that are deactivated.
    package var contacts: [String: [String]] { world.read { state, _ in state.accounts.mapValues(\.contact) } }

    /// What renewal information says of a certificate from now on, by its identifier (RFC 9773 §4.1); nil: the usual.
    package func setRenewalWindow(_ window: ACMERenewalWindow?, of certID: String) {
        world.change { state, _ in state.windows[certID] = window }
    }
}
