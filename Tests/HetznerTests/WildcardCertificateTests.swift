import ACME
import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

/// A wildcard by Let's Encrypt's own test server, proven by records of a zone at Hetzner, which a DNS server shows.
@Suite(.timeLimit(.minutes(3)), .enabled(if: Pebble.isThere)) struct WildcardCertificateTests {
    /// Somewhere to put it.
    private struct Nowhere: CertificateDestination {
        var title: String { "a place that holds nothing" }
        func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? { nil }
        func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {}
    }

    /// The real time, which moves the provider's with it at each sleep.
    private struct SharedTime: TimeSource {
        let provider: VirtualTime
        var now: Date { Date() }

        func sleep(for duration: Duration) async throws {
            provider.advance(by: duration)
            try await Task.sleep(for: duration, clock: .continuous)
        }
    }

    private func keeper(
        _ pebble: Pebble, _ session: HTTPSession, _ store: any SecretStore, _ world: CloudWorld, _ server: ZoneServer
    ) -> CertificateKeeper {
        let types = CertificateWish.Types(
            destinations: [CertificateDestinationType("nowhere", "Nowhere") { _ in Nowhere() }], routes: [],
            zones: ["hetzner"])
        var acme = InputReader.reading(
            LocatedValue(["directory": .string(pebble.directory), "agree_to_terms": true]))
        var certificates = InputReader.reading(
            LocatedValue([
                "wild": [
                    "names": ["*.example.com", "example.com"], "dns": ["provider": "hetzner"],
                    "destinations": ["nowhere": ["nowhere": [:], "endpoints": []]],
                ]
            ]))
        return CertificateKeeper(
            ACMESettings(&acme), CertificateSettings(&certificates, types), session: session, external: nil,
            safe: CertificateSafe(store) { _ in }, answers: ChallengeAnswers(),
            lookup: ResolverLookup(resolver: server.address, servers: [server.address]),
            zones: ["hetzner": HetznerTexts(world.cloud)])
    }

    @Test func `both names of a wildcard are proven at one record set, which is empty afterwards`() async throws {
        try await CloudWorld.run {
            $0.zones = ["example.com"]
        } _: { world in
            let server = try await ZoneServer.start(
                [:],
                ["hetzner": ["url": .string(try await world.hetzner.url()), "token": .string(StoredSecrets.token)]])
            var options = Pebble.Options()
            options.resolver = server.address.description
            try await Pebble.run(options) { pebble in
                let session = try pebble.session()
                let store = MemorySecretStore()
                let type = try #require(
                    ACMEActions.types(keeper(pebble, session, store, world, server)).first { $0.name == "acme.rotate" })
                var reader = InputReader.reading(LocatedValue([:]))
                let action = try #require(type.make(&reader) as? any RepeatableAction)
                var context = world.context()
                context.time = SharedTime(provider: world.time.clock)
                let output = try await action.perform(context)
                #expect(output["summary"] == "new: wild; installed in 1 place")
                let kept = try #require(try await CertificateSafe(store) { _ in }.bundle("wild"))
                #expect(Set(kept.names) == ["*.example.com", "example.com"])
                let left = try await world.cloud.client().find(
                    HetznerCall("GET", "zones/example.com/rrsets/_acme-challenge/TXT"))
                #expect(left == nil)
                await session.shutdown()
            }
            await server.stop()
        }
    }
}
