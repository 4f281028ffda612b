import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing
import YAML

@testable import Kubernetes

/// The rights of `deploy/bot/kubernetes/optional/certificates.yaml`, tried on a cluster that enforces RBAC.
@Suite struct CertificateRightsTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/bot/kubernetes/optional/certificates.yaml")

    private func bundle(_ words: String) -> CertificateBundle {
        CertificateBundle(
            name: "api", chain: "chain \(words)", key: Secret("key \(words)"), serialNumber: "0a1b2c3d4e5f",
            notAfter: Date(timeIntervalSince1970: 1_800_000_000), names: ["api.example.org"])
    }

    private func read<Made>(_ inputs: JSONValue, _ make: (inout InputReader) -> Made) throws -> Made {
        var reader = InputReader.reading(LocatedValue(inputs))
        let made = make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func permissions(_ objects: [JSONValue]) -> Set<AccessUse> {
        var all: Set<AccessUse> = []
        for role in objects where role["kind"] == "Role" {
            let title =
                "Role \(role.at(path: "metadata.namespace")?.stringValue ?? "")/\(role.at(path: "metadata.name")?.stringValue ?? "")"
            for rule in role["rules"]?.arrayValue ?? [] {
                func texts(_ name: String) -> [String] { rule[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
                for verb in texts("verbs") {
                    for group in texts("apiGroups") {
                        for resource in texts("resources") {
                            all.insert(AccessUse(role: title, verb: verb, group: group, resource: resource))
                        }
                    }
                }
            }
        }
        return all
    }

    @Test func `a Secret and an Ingress need exactly the rights that are shipped`() async throws {
        let objects = try KubernetesYAML.documents(
            try String(contentsOf: CertificateRightsTests.file, encoding: .utf8), file: "certificates.yaml")
        try await withStandIn { standIn, administrator in
            let client = try administrator.client("test")
            for namespace in ["analytics", "defimon"] {
                _ = try await client.apply(
                    .namespaces, name: namespace,
                    ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]])
            }
            for object in objects {
                let found = ClusterObject(object)
                let type = ResourceType(found.apiVersion, found.kind, found.kind.lowercased() + "s")
                _ = try await client.apply(type, namespace: found.namespace, name: found.name, object)
            }
            standIn.register(Secret("token-of-the-bot"), serviceAccount: "defimon", namespace: "defimon")
            let port = try #require(URLComponents(string: try await standIn.url())?.port)
            let clusters = try directory(port: port, token: "token-of-the-bot")
            let place = try read(["cluster": "test", "namespace": "analytics", "secret": "api-tls"]) {
                KubernetesCertificates.destination(clusters).make(&$0)
            }
            try await place.install(bundle("one"), context())
            try await place.install(bundle("two"), context())
            let there = try await place.present(of: "api", context())
            #expect(there == "chain two")
            let route = try read(["cluster": "test", "namespace": "defimon", "class": "nginx"]) {
                KubernetesCertificates.route(clusters).make(&$0)
            }
            try await route.open(for: "api.example.org", context())
            try await route.open(for: "api.example.org", context())
            try await route.close(for: "api.example.org", context())
            #expect(standIn.objects(apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: "defimon").isEmpty)
            #expect(standIn.accessRefusals == [])
            let unused = permissions(objects).subtracting(standIn.accessUses)
            #expect(unused.map { "\($0)" }.sorted() == [])
            await clusters.shutdown()
        }
    }
}
