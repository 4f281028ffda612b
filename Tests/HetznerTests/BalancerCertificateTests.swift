import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

@Suite struct BalancerCertificateTests {
    private func destination(_ world: CloudWorld, _ more: [String: JSONValue] = [:]) throws
        -> any CertificateDestination
    {
        var reader = InputReader.reading(LocatedValue(JSONValue.object(["load_balancer": "site"]).with(more)))
        let made = HetznerCertificates.destination(world.cloud).make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func bundle(_ serial: String, name: String = "site") throws -> CertificateBundle {
        let made = try TestCertificate.make("api.example.com")
        return CertificateBundle(
            name: name, chain: made.chain, key: Secret(made.key), serialNumber: serial,
            notAfter: Date(timeIntervalSince1970: 1_800_000_000), names: ["api.example.com"])
    }

    /// A load balancer whose port 443 shows somebody else's certificate.
    private func makeBalancer(_ world: CloudWorld) async throws {
        let certificate = try TestCertificate.make("other.example.com")
        world.secrets.put("other-chain", certificate.chain)
        world.secrets.put("other-key", certificate.key)
        try await world.perform(
            "hetzner.certificate-ensure",
            ["name": "other", "certificate": ["stored": "other-chain"], "private_key": ["stored": "other-key"]])
        try await world.perform(
            "hetzner.load-balancer-ensure",
            [
                "name": "site", "type": "lb11",
                "services": [
                    ["protocol": "https", "listen_port": 443, "destination_port": 80, "certificates": ["other"]],
                    ["protocol": "tcp", "listen_port": 80, "destination_port": 80],
                ],
            ])
    }

    private func refusal(_ body: () async throws -> Void) async -> ActionError? {
        do {
            try await body()
            return nil
        } catch { return error as? ActionError }
    }

    /// Names of the certificates that are there, sorted.
    private func names(_ world: CloudWorld) async throws -> [String] {
        try await world.cloud.client().list("certificates").compactMap { $0["name"]?.stringValue }.sorted()
    }

    @Test func `a certificate takes the place of the one before it, and the older one goes when nothing uses it`()
        async throws
    {
        let (first, second) = (try bundle("00000000aaaaaaaa"), try bundle("00000000bbbbbbbb"))
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            let place = try destination(world)
            let nothing = try await place.present(of: "site", world.context())
            #expect(nothing == nil)
            try await place.install(first, world.context())
            let count = world.changes.count
            try await place.install(first, world.context())
            #expect(world.changes.count == count)
            let one = try await place.present(of: "site", world.context())
            #expect(one == first.chain)
            try await place.forgetOthers(than: first, world.context())
            try await place.install(second, world.context())
            let two = try await place.present(of: "site", world.context())
            #expect(two == second.chain)
            let before = try await names(world)
            #expect(before == ["other", "site-2027-01-15-aaaaaaaa", "site-2027-01-15-bbbbbbbb"])
            try await place.forgetOthers(than: second, world.context())
            try await place.forgetOthers(than: second, world.context())
            let after = try await names(world)
            #expect(after == ["other", "site-2027-01-15-bbbbbbbb"])
            let other = try await place.present(of: "another", world.context())
            #expect(other == nil)
        }
    }

    @Test func `a certificate that is in use is not deleted, whoever asks`() async throws {
        let (first, second) = (try bundle("00000000aaaaaaaa"), try bundle("00000000bbbbbbbb"))
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            let place = try destination(world)
            try await place.install(first, world.context())
            try await place.forgetOthers(than: second, world.context())
            let still = try await names(world)
            #expect(still == ["other", "site-2027-01-15-aaaaaaaa"])
        }
    }

    @Test func `what cannot take a certificate is told, and nothing is uploaded`() async throws {
        let first = try bundle("00000000aaaaaaaa")
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            let cases: [([String: JSONValue], String)] = [
                (["load_balancer": "none"], "there is no load balancer none at Hetzner Cloud"),
                (["port": 8443], "load balancer site does not listen on port 8443"),
                (["port": 80], "load balancer site speaks tcp on port 80, which takes no certificate"),
            ]
            for (inputs, words) in cases {
                let error = await refusal { try await destination(world, inputs).install(first, world.context()) }
                #expect(error?.message == words)
            }
            let there = try await names(world)
            #expect(there == ["other"])
        }
    }

    @Test func `a load balancer of somebody else is refused, unless it may be taken`() async throws {
        let first = try bundle("00000000aaaaaaaa")
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            let client = try world.cloud.client()
            let thing = try #require(try await client.named("site", in: "load_balancers"))
            let id = try #require(thing["id"]?.intValue)
            _ = try await client.send(HetznerCall("PUT", "load_balancers/\(id)", body: ["labels": [:]]))
            let error = await refusal { _ = try await destination(world).present(of: "site", world.context()) }
            #expect(error?.message == "load balancer site was not made by the bot, so it is not changed")
            let adopting = try destination(world, ["adopt": true])
            try await adopting.install(first, world.context())
            let there = try await adopting.present(of: "site", world.context())
            #expect(there == first.chain)
        }
    }

    @Test func `what was uploaded before a crash is used, and a certificate of that name that is another is refused`()
        async throws
    {
        let (first, twin) = (try bundle("00000000aaaaaaaa"), try bundle("00000000aaaaaaaa"))
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            _ = try await world.cloud.client().send(
                HetznerCall(
                    "POST", "certificates",
                    body: [
                        "name": "site-2027-01-15-aaaaaaaa", "type": "uploaded", "certificate": .string(first.chain),
                        "private_key": .string(first.key.reveal()), "labels": ["defimon-certificate": "site"],
                    ]))
            let place = try destination(world)
            let error = await refusal { try await place.install(twin, world.context()) }
            #expect(
                error?.message
                    == "there is another certificate site-2027-01-15-aaaaaaaa at Hetzner Cloud, which is not the bot's")
            try await place.install(first, world.context())
            #expect(world.changes.filter { $0 == "create_certificate" }.count == 2)
            let there = try await place.present(of: "site", world.context())
            #expect(there == first.chain)
        }
    }

    @Test func `after an answer that was lost the same again finishes it, with nothing made twice`() async throws {
        let first = try bundle("00000000aaaaaaaa")
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            let place = try destination(world)
            for method in ["create_certificate", "update_load_balancer_service"] {
                world.hetzner.failures.counts[.resetAfterwards] = FailureCount(1, methods: method)
                let error = await refusal { try await place.install(first, world.context()) }
                #expect(error?.retry == .later(afterMilliseconds: nil))
                #expect(error?.mayHaveTakenEffect == true)
                #expect(!"\(String(describing: error))".contains(first.key.reveal()))
                // What was begun goes on meanwhile.
                try await world.time.sleep(for: .seconds(60))
            }
            try await place.install(first, world.context())
            let there = try await names(world)
            #expect(there == ["other", "site-2027-01-15-aaaaaaaa"])
            #expect(world.changes.filter { $0 == "update_load_balancer_service" }.count == 1)
        }
    }

    @Test func `when the load balancer does not take it the old one stays`() async throws {
        let (first, second) = (try bundle("00000000aaaaaaaa"), try bundle("00000000bbbbbbbb"))
        try await CloudWorld.run { world in
            try await makeBalancer(world)
            let place = try destination(world)
            try await place.install(first, world.context())
            world.hetzner.failures.counts[.serverError] = FailureCount(1, methods: "update_load_balancer_service")
            let error = await refusal { try await place.install(second, world.context()) }
            #expect(
                error?.message.hasPrefix("the certificate cannot be given to port 443 of load balancer site") == true)
            let still = try await place.present(of: "site", world.context())
            #expect(still == first.chain)
        }
    }

    @Test func `the new one stands where the old one stood`() {
        #expect(BalancerCertificate.replaced([2], by: 9, in: [1, 2, 3]) == [1, 9, 3])
        #expect(BalancerCertificate.replaced([2, 4], by: 9, in: [1, 2, 3, 4]) == [1, 9, 3])
        #expect(BalancerCertificate.replaced([2], by: 9, in: [1, 3]) == [1, 3, 9])
        #expect(BalancerCertificate.replaced([2], by: 9, in: [1, 9, 3]) == [1, 9, 3])
        #expect(BalancerCertificate.replaced([2], by: 9, in: [2, 1, 9]) == [9, 1])
        #expect(BalancerCertificate.replaced([], by: 9, in: []) == [9])
    }

    @Test func `its name keeps within what names may have`() throws {
        let long = try bundle("00000000aaaaaaaa", name: String(repeating: "n", count: 63))
        #expect(HetznerCertificates.name(long).utf8.count == 63)
        #expect(HetznerCertificates.name(long).hasSuffix("n-2027-01-15-aaaaaaaa"))
    }
}
