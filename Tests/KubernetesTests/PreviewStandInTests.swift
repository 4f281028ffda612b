import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Previews on a whole API server in memory, with the manifests that ship.
@Suite(.timeLimit(.minutes(3)))
struct PreviewStandInTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @discardableResult
    private func run(
        _ name: String, _ inputs: [String: JSONValue], _ clusters: ClusterDirectory,
        time: any TimeSource = SystemTime(), progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> JSONValue {
        let made = try anyAction(
            "kubernetes.\(name)", inputs, clusters: clusters, root: PreviewStandInTests.root,
            environment: ["ANALYTICS_DOMAIN": "analytics.example.com"])
        if let awaiting = made as? any AwaitingAction {
            guard case .ready(let outputs) = try await awaiting.look(context(time: time)) else { return .null }
            return outputs
        }
        guard let repeatable = made as? any RepeatableAction else { return .null }
        return try await repeatable.perform(context(time: time, progress: progress))
    }

    private func secrets(_ namespace: String, _ clusters: ClusterDirectory) async throws {
        for name in ["postgresql", "clickhouse", "redis"] {
            try await run(
                "secret-ensure",
                [
                    "namespace": .string(namespace), "name": .string("\(name)-secrets"), "generate": ["password"],
                    "literals": ["username": "defimon"],
                ], clusters)
        }
    }

    /// The inputs of the step that puts the pool into a preview.
    private func pool(_ namespace: String, image: String) -> [String: JSONValue] {
        [
            "folder": "deploy/analytics-pool", "only": ["kubernetes", "databases", "services"],
            "settings": "deploy/preview/deployment/settings.yaml", "namespace": .string(namespace),
            "variables": [
                "images.analytics_api": .string(image),
                "settings.domain": .string("\(namespace).preview.example.com"),
            ],
        ]
    }

    private func deploy(_ number: Int, image: String, _ clusters: ClusterDirectory) async throws {
        let namespace = "pr-\(number)-api"
        let wish: [String: JSONValue] = [
            "namespace": .string(namespace), "number": .int(Int64(number)),
            "url": .string("https://\(namespace).preview.example.com"),
        ]
        try await run("preview-ensure", PreviewFixtures.wish.merging(wish) { $1 }, clusters)
        try await run("apply", ["folder": "deploy/preview", "namespace": .string(namespace)], clusters)
        try await secrets(namespace, clusters)
        try await run("apply", pool(namespace, image: image), clusters)
        try await run("rollout-wait", ["namespace": .string(namespace)], clusters)
    }

    /// Everything in a namespace but what its controllers write all the time.
    private func content(_ standIn: KubernetesStandIn, _ namespace: String) -> Set<JSONValue> {
        let kinds = [
            ("v1", "ConfigMap"), ("v1", "Secret"), ("v1", "Service"), ("v1", "ServiceAccount"), ("v1", "Pod"),
            ("v1", "PersistentVolumeClaim"), ("apps/v1", "StatefulSet"), ("apps/v1", "Deployment"),
            ("networking.k8s.io/v1", "NetworkPolicy"), ("networking.k8s.io/v1", "Ingress"),
            ("policy/v1", "PodDisruptionBudget"), ("v1", "ResourceQuota"), ("v1", "LimitRange"),
        ]
        return Set(kinds.flatMap { standIn.objects(apiVersion: $0.0, kind: $0.1, namespace: namespace) })
    }

    private func images(_ standIn: KubernetesStandIn, _ namespace: String) -> [String] {
        standIn.objects(apiVersion: "v1", kind: "Pod", namespace: namespace).flatMap { ClusterObject($0).images }
            .filter { $0.contains("api") }
    }

    @Test func previewsComeUpLiveSideBySideAndGo() async throws {
        let prices: JSONValue = [
            "cpu_core_month": 4, "memory_gib_month": 2, "storage_gib_month": .double(0.05), "currency": "EUR",
        ]
        try await withStandIn(prices: prices) { standIn, clusters in
            try await run("namespace-ensure", ["namespace": "analytics"], clusters)
            try await secrets("analytics", clusters)
            try await run(
                "apply", ["folder": "deploy/analytics-pool", "only": ["kubernetes", "databases", "services"]], clusters)
            try await run("rollout-wait", ["namespace": "analytics"], clusters)
            let production = content(standIn, "analytics")

            try await deploy(12, image: "registry.example.com/acme/api@\(PreviewStandInTests.digest)", clusters)
            try await deploy(13, image: "registry.example.com/acme/api:13", clusters)
            #expect(images(standIn, "pr-12-api") == ["registry.example.com/acme/api@\(PreviewStandInTests.digest)"])
            #expect(images(standIn, "pr-13-api") == ["registry.example.com/acme/api:13"])
            #expect(images(standIn, "analytics") == ["defimon/analytics-api:1.0.0", "defimon/analytics-api:1.0.0"])
            let ingress = standIn.object(
                apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: "pr-12-api", name: "analytics-api")
            #expect(ingress?.at(path: "spec.rules.0.host") == "pr-12-api.preview.example.com")
            #expect(ingress?.at(path: "spec.tls.0.hosts.0") == "pr-12-api.preview.example.com")
            let disk = standIn.object(
                apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "pr-12-api", name: "data-postgresql-0")
            #expect(disk?.at(path: "spec.resources.requests.storage") == "10Gi")

            let list = try await run("preview-list", [:], clusters)
            #expect(
                list["summary"]
                    == "2 previews; requested: 1.08 CPU, 2.75 GiB memory, 60 GiB disk, EUR 12.82 a month")
            #expect(list["table"]?.stringValue?.contains("pr-12-api  acme/api#12   1a2b3c4  ann    ") == true)
            let kept = try await run("preview-keep", ["namespace": "pr-12-api", "for": "7d"], clusters)
            #expect(kept["summary"]?.stringValue?.contains("in 7 d") == true)

            // A second deploy of the same commit changes nothing but the namespace's time, which stays.
            let again = try await run("apply", pool("pr-13-api", image: "registry.example.com/acme/api:13"), clusters)
            #expect(again["changed"] == 0)
            let other = content(standIn, "pr-13-api")
            #expect(try await run("preview-remove", ["namespace": "pr-12-api"], clusters)["deleted"] == true)
            #expect(content(standIn, "pr-12-api").isEmpty)
            #expect(content(standIn, "pr-13-api") == other)
            #expect(content(standIn, "analytics") == production)
            #expect(try await run("preview-list", [:], clusters)["count"] == 1)
        }
    }

    @Test func aPreviewThatAsksForTooMuchIsToldWhichQuotaItMeets() async throws {
        try await withStandIn { _, clusters in
            try await run("preview-ensure", PreviewFixtures.wish, clusters)
            try await run("apply", ["folder": "deploy/preview", "namespace": "pr-12-api"], clusters)
            try await secrets("pr-12-api", clusters)
            var inputs = pool("pr-12-api", image: "registry.example.com/acme/api:1")
            inputs["variables"] = [
                "settings.domain": "a.example.com", "settings.api_cpu": "2", "images.analytics_api": "a:1",
            ]
            try await run("apply", inputs, clusters)
            let error = await refusal {
                try await run("rollout-wait", ["namespace": "pr-12-api"], clusters, time: HurriedTime())
            }
            #expect(
                error?.message.contains("exceeded quota: preview, requested: requests.cpu=2, used: requests.cpu=")
                    == true)
            #expect(error?.hint?.contains("raise the namespace's quota") == true)
        }
    }

    @Test func ofManyJobsThatComeAtOnceOnlyAsManyAsThereArePlacesGetOne() async throws {
        try await withStandIn { standIn, clusters in
            let outcomes = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for number in 1...8 {
                    let wish: [String: JSONValue] = [
                        "namespace": .string("pr-\(number)-api"), "number": .int(Int64(number)), "at_most": 2,
                    ]
                    group.addTask {
                        try await run("preview-ensure", PreviewFixtures.wish.merging(wish) { $1 }, clusters)
                    }
                }
                return try await group.reduce(into: [JSONValue]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0["created"] == true }.count == 2)
            #expect(outcomes.filter { $0 == .null }.count == 6)
            let live = standIn.objects(apiVersion: "v1", kind: "Namespace").filter { Preview(ClusterObject($0)) != nil }
            #expect(live.count == 2)
        }
    }

    @Test func aFinalizerThatHangsIsNamedAndItsPreviewKeepsItsPlace() async throws {
        try await withStandIn { standIn, clusters in
            let one = PreviewFixtures.wish.merging(["at_most": 1]) { $1 }
            try await run("preview-ensure", one, clusters)
            let root = try TemporaryFolder()
            try root.write(
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: held, namespace: x, finalizers: [example.com/hold]}
                """, to: "held/c.yaml")
            let apply = try action(
                "kubernetes.apply", ["folder": "held", "namespace": "pr-12-api"], clusters: clusters,
                root: root.url.path)
            _ = try await apply.perform(context())

            let time = VirtualTime()
            let told = Recorder<String>()
            async let error = refusal {
                try await run("preview-remove", ["namespace": "pr-12-api"], clusters, time: time) { told.add($0) }
            }
            _ = await eventually { told.all.isEmpty ? nil : true }
            time.advance(by: .seconds(601))
            let words = "example.com/hold in 1 resource instances"
            #expect(told.all.last?.contains(words) == true)
            #expect(
                await error?.message.hasPrefix("preview pr-12-api in cluster test is not gone after 10 min") == true)
            #expect(await error?.message.contains(words) == true)
            #expect(await error?.hint?.contains("-n pr-12-api") == true)

            // Its place is not free, and it is not made anew, until it is gone.
            let next = one.merging(["namespace": "pr-13-api", "number": 13]) { $1 }
            #expect(try await run("preview-ensure", next, clusters) == .null)
            #expect(try await run("preview-ensure", one, clusters) == .null)
            let client = try clusters.client("test")
            _ = try await client.patch(
                ResourceType("v1", "ConfigMap", "configmaps"), namespace: "pr-12-api", name: "held", .merge,
                ["metadata": ["finalizers": .null]])
            let made = await eventually { try? await run("preview-ensure", next, clusters)["created"]?.boolValue }
            #expect(made == true)
        }
    }
}
