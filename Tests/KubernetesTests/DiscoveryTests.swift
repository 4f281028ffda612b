import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

@Suite("Which kinds a cluster knows")
struct DiscoveryTests {
    private static func resource(_ plural: String, _ kind: String, scope: String = "Namespaced") -> JSONValue {
        ["resource": .string(plural), "responseKind": ["kind": .string(kind)], "scope": .string(scope)]
    }

    private static func group(
        _ name: String, _ version: String, _ resources: [JSONValue], freshness: String = "Current"
    ) -> JSONValue {
        let metadata: JSONValue = name.isEmpty ? [:] : ["name": .string(name)]
        return [
            "metadata": metadata,
            "versions": [
                ["version": .string(version), "freshness": .string(freshness), "resources": .array(resources)]
            ],
        ]
    }

    private static func aggregated(_ groups: [JSONValue]) -> Reply {
        .json([
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": .array(groups),
        ])
    }

    /// Which kinds are asked for, and what the server was asked.
    private func found(
        _ kinds: [(String, String)], _ respond: @escaping @Sendable (Asked, Int) -> Reply
    ) async throws -> (types: [ResourceType?], asked: [String]) {
        let asked = Recorder<String>()
        let types = Recorder<ResourceType?>()
        try await withCluster({ request in respond(request, asked.add(request.path)) }) { clusters in
            let client = try clusters.client("test")
            for (apiVersion, kind) in kinds {
                types.add(try await client.discovery.type(apiVersion: apiVersion, kind: kind, client: client))
            }
        }
        return (types.all, asked.all)
    }

    @Test("One answer tells all groups, and is asked for as kubectl does")
    func oneAnswer() async throws {
        let seen = try await found([
            ("apps/v1", "Deployment"), ("networking.k8s.io/v1", "Ingress"), ("networking.k8s.io/v1", "IngressClass"),
            ("apps/v1", "Deployment"),
        ]) { asked, _ in
            guard asked.headers["accept"]?.contains("as=APIGroupDiscoveryList") == true else {
                return .failure(406, "NotAcceptable")
            }
            return DiscoveryTests.aggregated([
                DiscoveryTests.group("apps", "v1", [DiscoveryTests.resource("deployments", "Deployment")]),
                DiscoveryTests.group(
                    "networking.k8s.io", "v1",
                    [
                        DiscoveryTests.resource("ingresses", "Ingress"),
                        DiscoveryTests.resource("ingressclasses", "IngressClass", scope: "Cluster"),
                    ]),
            ])
        }
        #expect(seen.types.map { $0?.plural } == ["deployments", "ingresses", "ingressclasses", "deployments"])
        #expect(seen.types.map { $0?.isNamespaced } == [true, true, false, true])
        #expect(seen.asked == ["/apis"])
    }

    @Test("A kind that is new is found when it is asked for again")
    func newKind() async throws {
        let seen = try await found([("example.com/v1", "Widget"), ("example.com/v1", "Widget")]) { asked, index in
            guard asked.path == "/apis" else { return .failure(404, "NotFound") }
            let old = DiscoveryTests.group("apps", "v1", [DiscoveryTests.resource("deployments", "Deployment")])
            let new = DiscoveryTests.group("example.com", "v1", [DiscoveryTests.resource("widgets", "Widget")])
            return DiscoveryTests.aggregated(index == 0 ? [old] : [old, new])
        }
        #expect(seen.types.map { $0?.plural } == [nil, "widgets"])
    }

    @Test("A group that the one answer calls stale is asked by itself")
    func staleGroup() async throws {
        let seen = try await found([("metrics.k8s.io/v1beta1", "PodMetrics")]) { asked, _ in
            asked.path == "/apis"
                ? DiscoveryTests.aggregated([DiscoveryTests.group("metrics.k8s.io", "v1beta1", [], freshness: "Stale")])
                : .json(["resources": [["name": "pods", "kind": "PodMetrics", "namespaced": true]]])
        }
        #expect(seen.types.map { $0?.plural } == ["pods"])
        #expect(seen.asked == ["/apis", "/apis/metrics.k8s.io/v1beta1"])
    }

    @Test("A server without the one answer is asked for each group, and never again for all of them")
    func plainServer() async throws {
        let seen = try await found([("apps/v1", "Deployment"), ("batch/v1", "Job")]) { asked, _ in
            switch asked.path {
            case "/apis": .json(["kind": "APIGroupList", "groups": []])
            case "/apis/apps/v1":
                .json(["resources": [["name": "deployments", "kind": "Deployment", "namespaced": true]]])
            default: .json(["resources": [["name": "jobs", "kind": "Job", "namespaced": true]]])
            }
        }
        #expect(seen.types.map { $0?.plural } == ["deployments", "jobs"])
        #expect(seen.asked == ["/apis", "/apis/apps/v1", "/apis/batch/v1"])
    }

    @Test("Many that want to know at once ask once")
    func askedOnce() async throws {
        let asked = Recorder<String>()
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withCluster({ request in
            asked.add(request.path)
            for await _ in gate { break }
            return DiscoveryTests.aggregated([
                DiscoveryTests.group("apps", "v1", [DiscoveryTests.resource("deployments", "Deployment")])
            ])
        }) { clusters in
            let client = try clusters.client("test")
            let plurals = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await client.discovery.type(apiVersion: "apps/v1", kind: "Deployment", client: client)?
                            .plural
                    }
                }
                _ = await eventually { asked.all.isEmpty ? nil : true }
                open.finish()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(plurals == Array(repeating: "deployments", count: 20))
        }
        #expect(asked.all == ["/apis"])
    }
}
