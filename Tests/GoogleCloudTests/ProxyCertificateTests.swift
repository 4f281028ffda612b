import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct ProxyCertificateTests {
    private func destination(_ world: CloudWorld, _ more: [String: JSONValue] = [:]) throws
        -> any CertificateDestination
    {
        var reader = InputReader.reading(LocatedValue(JSONValue.object(["target_proxy": "site"]).with(more)))
        let made = GoogleCertificates.destination(world.cloud).make(&reader)
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

    private func carryOut(_ world: CloudWorld, _ place: String, _ call: GoogleCall) async throws {
        let there = ProxyCertificates(client: try world.cloud.client(), place: place)
        try await there.carryOut(call, world.context(UUID().uuidString))
    }

    /// Certificates of somebody else, and a proxy that shows them.
    private func makeProxy(_ world: CloudWorld, _ place: String = CloudWorld.global, others: [String] = ["a", "b"])
        async throws
    {
        for name in others {
            let made = try TestCertificate.make("\(name).example.com")
            let pair: JSONValue = ["certificate": .string(made.chain), "privateKey": .string(made.key)]
            try await carryOut(
                world, place,
                GoogleCall(
                    .compute, "POST", "\(place)/sslCertificates",
                    body: ["name": .string(name), "type": "SELF_MANAGED", "selfManaged": pair]))
        }
        let used = others.map { JSONValue.string("\(place)/sslCertificates/\($0)") }
        try await carryOut(
            world, place,
            GoogleCall(
                .compute, "POST", "\(place)/targetHttpsProxies",
                body: ["name": "site", "sslCertificates": .array(used)]))
    }

    /// Names of the certificates that the proxy shows, in its order.
    private func used(_ world: CloudWorld, _ place: String = CloudWorld.global) async throws -> [String] {
        let call = GoogleCall(.compute, "GET", "\(place)/targetHttpsProxies/site")
        let found = try await world.cloud.client().send(call)
        return (found["sslCertificates"]?.arrayValue ?? []).compactMap(\.stringValue).map(ResourcePath.name)
    }

    private func names(_ world: CloudWorld, _ place: String = CloudWorld.global) async throws -> [String] {
        let there = ProxyCertificates(client: try world.cloud.client(), place: place)
        return try await there.all().keys.map(ResourcePath.name).sorted()
    }

    private func refusal(_ body: () async throws -> Void) async -> ActionError? {
        do {
            try await body()
            return nil
        } catch { return error as? ActionError }
    }

    @Test(arguments: [nil, "europe-west3"] as [String?])
    func `a certificate takes the place of the one before it, and the older one goes`(region: String?) async throws {
        let (first, second) = (try bundle("00000000aaaaaaaa"), try bundle("00000000bbbbbbbb"))
        try await CloudWorld.run { world in
            let at = region == nil ? CloudWorld.global : CloudWorld.region
            try await makeProxy(world, at)
            var inputs: [String: JSONValue] = ["adopt": true]
            if let region { inputs["region"] = .string(region) }
            let place = try destination(world, inputs)
            let nothing = try await place.present(of: "site", world.context())
            #expect(nothing == nil)
            try await place.install(first, world.context())
            let one = try await place.present(of: "site", world.context())
            #expect(one == first.chain)
            let count = world.changes.count
            try await place.install(first, world.context())
            #expect(world.changes.count == count)
            try await place.install(second, world.context("6f1c2d3e-0000-4000-8000-000000000002"))
            let shown = try await used(world, at)
            #expect(shown == ["a", "b", "site-2027-01-15-bbbbbbbb"])
            let two = try await place.present(of: "site", world.context())
            #expect(two == second.chain)
            let before = try await names(world, at)
            #expect(before == ["a", "b", "site-2027-01-15-aaaaaaaa", "site-2027-01-15-bbbbbbbb"])
            try await place.forgetOthers(than: second, world.context())
            try await place.forgetOthers(than: second, world.context())
            let after = try await names(world, at)
            #expect(after == ["a", "b", "site-2027-01-15-bbbbbbbb"])
        }
    }

    @Test func `a proxy with certificates of others alone is refused, unless it may be taken`() async throws {
        let first = try bundle("00000000aaaaaaaa")
        try await CloudWorld.run { world in
            try await makeProxy(world)
            let place = try destination(world)
            let error = await refusal { try await place.install(first, world.context()) }
            let there = try await names(world)
            #expect(there == ["a", "b"])
            #expect(
                error?.message
                    == "target HTTPS proxy site at Google Cloud has certificates of others alone, so it is not changed")
            try await destination(world, ["adopt": true]).install(first, world.context())
            // With one of the bot's there it is no question any more.
            let ours = try await place.present(of: "site", world.context())
            #expect(ours == first.chain)
            let other = try await place.present(of: "other", world.context())
            #expect(other == nil)
        }
    }

    @Test func `after an answer that was lost the same again finishes it, with nothing made twice`() async throws {
        let first = try bundle("00000000aaaaaaaa")
        try await CloudWorld.run { world in
            try await makeProxy(world)
            let place = try destination(world, ["adopt": true])
            for method in ["compute.sslCertificates.insert", "compute.targetHttpsProxies.setSslCertificates"] {
                world.google.failures.counts[.resetAfterwards] = .init(1, methods: method)
                let error = await refusal { try await place.install(first, world.context()) }
                #expect(error?.retry == .later(afterMilliseconds: nil))
                #expect(error?.mayHaveTakenEffect == true)
                #expect(!"\(String(describing: error))".contains(first.key.reveal()))
                // What was begun goes on meanwhile.
                try await world.time.sleep(for: .seconds(60))
            }
            try await place.install(first, world.context())
            let shown = try await used(world)
            #expect(shown == ["a", "b", "site-2027-01-15-aaaaaaaa"])
        }
    }

    @Test func `when the proxy does not take it the old one stays`() async throws {
        let (first, second) = (try bundle("00000000aaaaaaaa"), try bundle("00000000bbbbbbbb"))
        try await CloudWorld.run { world in
            try await makeProxy(world)
            let place = try destination(world, ["adopt": true])
            try await place.install(first, world.context())
            world.google.failures.failingOperations["SetSslCertificates"] = 1
            let error = await refusal { try await place.install(second, world.context()) }
            #expect(error?.message.contains("Google began it, and it failed") == true)
            let still = try await place.present(of: "site", world.context())
            #expect(still == first.chain)
            // What the proxy uses is not deleted, whoever asks.
            try await place.forgetOthers(than: second, world.context())
            let again = try await place.present(of: "site", world.context())
            #expect(again == first.chain)
            try await place.install(second, world.context())
            let new = try await place.present(of: "site", world.context())
            #expect(new == second.chain)
        }
    }

    @Test func `another certificate of the same name is told, and stays`() async throws {
        let (first, twin) = (try bundle("00000000aaaaaaaa"), try bundle("00000000aaaaaaaa"))
        try await CloudWorld.run { world in
            try await makeProxy(world)
            let place = try destination(world, ["adopt": true])
            try await place.install(first, world.context())
            let error = await refusal { try await place.install(twin, world.context()) }
            #expect(error?.message.hasSuffix("at Google Cloud, which is not the bot's") == true)
            let still = try await place.present(of: "site", world.context())
            #expect(still == first.chain)
        }
    }

    @Test func `fifteen certificates are the most that a proxy takes`() async throws {
        let first = try bundle("00000000aaaaaaaa")
        try await CloudWorld.run { world in
            try await makeProxy(world, others: (1...14).map { "c\($0)" })
            let place = try destination(world, ["adopt": true])
            try await place.install(first, world.context())
            let more = try bundle("00000000bbbbbbbb", name: "more")
            let error = await refusal { try await place.install(more, world.context()) }
            #expect(
                error?.message
                    == "target HTTPS proxy site at Google Cloud has 15 certificates, and Google takes no more than 15")
        }
    }

    @Test func `its permissions are enough`() async throws {
        let (first, second) = (try bundle("00000000aaaaaaaa"), try bundle("00000000bbbbbbbb"))
        let making: Set<String> = [
            "compute.targetHttpsProxies.create", "compute.regionTargetHttpsProxies.create",
        ]
        let held = Set(GoogleCertificates.permissions.map(\.name))
        try await CloudWorld.run(permissions: held.union(making)) { world in
            for (at, inputs) in [
                (CloudWorld.global, [:] as [String: JSONValue]), (CloudWorld.region, ["region": "europe-west3"]),
            ] {
                try await makeProxy(world, at, others: ["a"])
                let place = try destination(world, inputs.merging(["adopt": true]) { $1 })
                try await place.install(first, world.context())
                try await place.install(second, world.context())
                try await place.forgetOthers(than: second, world.context())
                let there = try await names(world, at)
                #expect(there == ["a", "site-2027-01-15-bbbbbbbb"])
            }
        }
    }

    @Test func `its name begins with a letter and keeps within what names may have`() throws {
        let long = try bundle("00000000aaaaaaaa", name: "1" + String(repeating: "n", count: 62))
        let name = GoogleCertificates.name(long)
        #expect(name.utf8.count == 63)
        #expect(CloudName.resource?.matches(name) == true)
        #expect(name.hasSuffix("-2027-01-15-aaaaaaaa"))
    }
}
