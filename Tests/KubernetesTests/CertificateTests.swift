import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct CertificateTests {
    private static let path = "/api/v1/namespaces/n/secrets/api-tls"

    private func destination(_ clusters: ClusterDirectory, adopt: Bool = false) throws -> any CertificateDestination {
        var reader = InputReader.reading(
            LocatedValue(["cluster": "test", "namespace": "n", "secret": "api-tls", "adopt": .bool(adopt)]))
        let made = KubernetesCertificates.destination(clusters).make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func bundle(_ words: String = "one") -> CertificateBundle {
        CertificateBundle(
            name: "api", chain: "chain \(words)", key: Secret("key \(words)"), serialNumber: "0a1b2c3d4e5f",
            notAfter: Date(timeIntervalSince1970: 1_800_000_000), names: ["api.example.org"])
    }

    private func base64(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }

    private func secret(_ type: String, managed: Bool) -> JSONValue {
        [
            "kind": "Secret", "type": .string(type), "data": ["tls.crt": base64("theirs"), "tls.key": base64("k")],
            "metadata": [
                "name": "api-tls",
                "labels": managed ? ["app.kubernetes.io/managed-by": "defimon"] : [:],
            ],
        ]
    }

    @Test func `A Secret is made, holds both at once, and is not written again`() async throws {
        let store = ObjectStore()
        try await withCluster({ store.answer($0) }) { clusters in
            let place = try destination(clusters)
            #expect(place.title == "Secret n/api-tls of cluster test")
            let before = try await place.present(of: "api", context())
            #expect(before == nil)
            try await place.install(bundle(), context())
            try await place.install(bundle(), context())
            let after = try await place.present(of: "api", context())
            #expect(after == "chain one")
            #expect(store.changes.count == 1)
            try await place.install(bundle("two"), context())
        }
        let made = try #require(store[CertificateTests.path])
        #expect(made["type"] == "kubernetes.io/tls")
        #expect(made["data"] == ["tls.crt": base64("chain two"), "tls.key": base64("key two")])
        #expect(made["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "defimon")
        #expect(store.changes.map(\.method) == ["POST", "PATCH"])
    }

    @Test func `A Secret of somebody else is refused, unless it may be taken over`() async throws {
        let store = ObjectStore()
        store.put(secret("kubernetes.io/tls", managed: false), at: CertificateTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let place = try destination(clusters)
            for refused in [
                await refusal { _ = try await place.present(of: "api", context()) },
                await refusal { try await place.install(bundle(), context()) },
            ] {
                #expect(
                    refused?.message
                        == "Secret n/api-tls of cluster test was not made by the bot, so it is not changed")
            }
            #expect(store.changes.isEmpty)
            let adopting = try destination(clusters, adopt: true)
            let theirs = try await adopting.present(of: "api", context())
            #expect(theirs == "theirs")
            try await adopting.install(bundle(), context())
            let ours = try await place.present(of: "api", context())
            #expect(ours == "chain one")
        }
    }

    @Test func `A Secret of another type is told, and stays`() async throws {
        let store = ObjectStore()
        store.put(secret("Opaque", managed: true), at: CertificateTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let place = try destination(clusters)
            let error = await refusal { try await place.install(bundle(), context()) }
            #expect(
                error?.message
                    == "Secret n/api-tls of cluster test is of type Opaque, which cannot be changed; "
                    + "a certificate needs kubernetes.io/tls")
        }
        #expect(store.changes.isEmpty)
    }

    @Test func `Somebody who makes it first is looked at again, and not written over`() async throws {
        let path = CertificateTests.path
        let theirs = secret("kubernetes.io/tls", managed: false)
        let looks = Recorder<Int>()
        let store = ObjectStore()
        try await withCluster({ asked in
            let reply = store.answer(asked)
            if asked.method == "GET", asked.path == path, looks.add(1) == 0 { store.put(theirs, at: path) }
            return reply
        }) { clusters in
            let place = try destination(clusters)
            let error = await refusal { try await place.install(bundle(), context()) }
            #expect(error?.message.hasSuffix("was not made by the bot, so it is not changed") == true)
        }
        #expect(store[path]?["data"]?["tls.crt"] == base64("theirs"))
    }

    @Test func `When the write fails the old certificate stays, and the key is in no error`() async throws {
        let store = ObjectStore { asked in
            asked.method == "PATCH"
                ? .failure(422, "Invalid", "bad: " + (asked.json["data"]?.canonicalText ?? "")) : nil
        }
        store.put(secret("kubernetes.io/tls", managed: true), at: CertificateTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let place = try destination(clusters)
            let error = await refusal { try await place.install(bundle(), context()) }
            #expect(error?.message.contains("the cluster calls it invalid (Invalid)") == true)
            #expect(!"\(String(describing: error))".contains(Data("key one".utf8).base64EncodedString()))
            let still = try await place.present(of: "api", context())
            #expect(still == "theirs")
        }
    }
}

@Suite struct IngressRouteTests {
    private func route(_ clusters: ClusterDirectory) throws -> any ChallengeRoute {
        var reader = InputReader.reading(
            LocatedValue(["cluster": "test", "namespace": "defimon", "class": "nginx"]))
        let made = KubernetesCertificates.route(clusters).make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func path(_ host: String) -> String {
        "/apis/networking.k8s.io/v1/namespaces/defimon/ingresses/\(IngressRoute.name(for: host))"
    }

    @Test func `A route leads the path of the proof to the bot, and is taken away again`() async throws {
        let store = ObjectStore()
        let path = path("api.example.org")
        try await withCluster({ store.answer($0) }) { clusters in
            let route = try route(clusters)
            #expect(route.title == "an Ingress in namespace defimon of cluster test")
            try await route.open(for: "API.example.org", context())
            try await route.open(for: "api.example.org", context())
            let made = try #require(store[path])
            #expect(made["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "defimon")
            #expect(
                made["spec"] == [
                    "ingressClassName": "nginx",
                    "rules": [
                        [
                            "host": "api.example.org",
                            "http": [
                                "paths": [
                                    [
                                        "path": "/.well-known/acme-challenge/", "pathType": "Prefix",
                                        "backend": ["service": ["name": "defimon", "port": ["number": 8080]]],
                                    ]
                                ]
                            ],
                        ]
                    ],
                ])
            try await route.close(for: "api.example.org", context())
            #expect(store[path] == nil)
            try await route.close(for: "api.example.org", context())
        }
    }

    @Test func `An Ingress of somebody else is neither changed nor deleted`() async throws {
        let store = ObjectStore()
        store.put(["kind": "Ingress", "metadata": ["name": "x"]], at: path("api.example.org"))
        try await withCluster({ store.answer($0) }) { clusters in
            let route = try route(clusters)
            for error in [
                await refusal { try await route.open(for: "api.example.org", context()) },
                await refusal { try await route.close(for: "api.example.org", context()) },
            ] { #expect(error?.message.hasSuffix("was not made by the bot, so it is not changed") == true) }
        }
        #expect(store.changes.isEmpty)
    }

    @Test func `Its name is a label, and no two hosts share one`() {
        let long = String(repeating: "a", count: 63) + ".example.org"
        let hosts = ["api.example.org", "api-example.org", long, "x." + long]
        let names = hosts.map(IngressRoute.name(for:))
        #expect(Set(names).count == hosts.count)
        #expect(names.allSatisfy { $0.utf8.count <= 63 && NamePattern.label?.matches($0) == true })
        #expect(IngressRoute.name(for: long).utf8.count == 63)
        #expect(names[0].hasPrefix("defimon-acme-api-example-org-"))
    }
}
