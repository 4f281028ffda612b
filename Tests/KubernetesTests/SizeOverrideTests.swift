import Domain
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

/// What people have set over the manifests, against the whole API server in memory.
@Suite(.timeLimit(.minutes(3)))
struct SizeOverrideTests {
    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: api}}
          template:
            metadata: {labels: {app: api}}
            spec: {containers: [{name: api, image: "r.test/api:1"}]}
        """
    private static let autoscaler = """
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: api-scaler, namespace: shop}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
          minReplicas: 2
          maxReplicas: 4
          metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
        """
    private static let note =
        "Deployment shop/api: 5 replicas, set by olivia on 2026-09-21 with job 42 (manifests say 2)"

    /// A cluster with a namespace, a folder that is applied to it, and what is kept.
    private struct World: Sendable {
        var clusters: ClusterDirectory
        var client: KubernetesClient
        var standIn: KubernetesStandIn
        let root: TemporaryFolder
        let kept = MemoryKeptValues()

        var ledger: ActionContext { context(kept: kept) }

        func made(_ name: String, _ inputs: [String: JSONValue]) throws -> any RepeatableAction {
            try action("kubernetes.\(name)", inputs, clusters: clusters, root: root.url.path)
        }

        @discardableResult
        func run(_ name: String, _ inputs: [String: JSONValue]) async throws -> JSONValue {
            try await made(name, inputs).perform(ledger)
        }

        func apply() async throws -> JSONValue { try await run("apply", ["folder": "pool"]) }
        func planned() async throws -> ActionPlan { try await plan(try made("apply", ["folder": "pool"]), ledger) }

        func scale(_ size: String, name: String = "api", kind: String? = nil) async throws -> JSONValue {
            try await run("scale-to", SizeOverrideTests.inputs(size, name, kind))
        }

        func deployment() async throws -> ClusterObject {
            try await client.get(.deployments, namespace: "shop", name: "api")
        }
    }

    private static func inputs(_ size: String, _ name: String, _ kind: String?) -> [String: JSONValue] {
        var inputs: [String: JSONValue] = ["namespace": "shop", "name": .string(name), "replicas": .string(size)]
        if let kind { inputs["kind"] = .string(kind) }
        return inputs
    }

    private func withWorld(
        _ files: [String: String] = ["api": deployment], _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let root = try TemporaryFolder()
        for (name, text) in files { try root.write(text, to: "pool/\(name).yaml") }
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]])
            try await body(World(clusters: clusters, client: client, standIn: standIn, root: root))
        }
    }

    @Test func `a number set in chat survives deploys, and default goes back to the manifests`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            let scaled = try await world.scale("5")
            #expect(scaled["summary"] == "Deployment shop/api goes from 2 to 5 replicas; deploys keep them")
            #expect(scaled["kind"] == "Deployment")
            #expect(world.kept.keys == ["override/kubernetes/test/Deployment/shop/api/replicas"])
            #expect(try await world.scale("5")["changed"] == false)

            #expect(try await world.planned() == ActionPlan(changes: [], notes: [SizeOverrideTests.note]))
            // The first one makes the number the apply's own as well.
            _ = try await world.apply()
            let applied = try await world.apply()
            #expect(applied["summary"] == "1 object, 0 changed; 1 size is not the manifests'")
            #expect(applied["details"] == .string(SizeOverrideTests.note + "\nDeployment shop/api: unchanged"))
            #expect(try await world.deployment().number("spec", "replicas") == 5)

            // Another hand has changed it meanwhile: what was set in chat comes back, below the manifests' number too.
            #expect(try await world.scale("1")["before"] == 5)
            _ = try await world.run(
                "scale", ["namespace": "shop", "kind": "Deployment", "name": "api", "replicas": 3])
            #expect(try await world.planned().changes == ["Deployment shop/api: spec.replicas: 3 → 1"])
            _ = try await world.apply()
            #expect(try await world.deployment().number("spec", "replicas") == 1)

            let forgotten = try await world.scale("default")
            #expect(
                forgotten["summary"]
                    == "Deployment shop/api: 1 replicas, set by olivia on 2026-09-21 with job 42: not kept any more; the next deploy sets what the manifests say"
            )
            #expect(world.kept.keys.isEmpty)
            #expect(try await world.deployment().number("spec", "replicas") == 1)
            #expect(try await world.planned() == ActionPlan(changes: ["Deployment shop/api: spec.replicas: 1 → 2"]))
            #expect(try await world.apply()["summary"] == "1 object, 1 changed")
            #expect(try await world.deployment().number("spec", "replicas") == 2)
            #expect(try await world.scale("default")["changed"] == false)
        }
    }

    @Test func `without keep a number holds until the next deploy`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            try await world.run("scale", ["namespace": "shop", "kind": "Deployment", "name": "api", "replicas": 4])
            #expect(world.kept.keys.isEmpty)
            // The bot's own scaling is no conflict of its apply.
            #expect(try await world.planned() == ActionPlan(changes: ["Deployment shop/api: spec.replicas: 4 → 2"]))
            #expect(try await world.deployment().number("spec", "replicas") == 4)
            _ = try await world.apply()
            #expect(try await world.deployment().number("spec", "replicas") == 2)
        }
    }

    @Test func `replicas that somebody else has set are a conflict as ever`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            try await world.run("scale", ["namespace": "shop", "kind": "Deployment", "name": "api", "replicas": 4])
            let path = ResourceType.deployments.path(namespace: "shop", name: "api", subresource: "scale")
            _ = try await world.client.json(
                "PATCH", path, query: [("fieldManager", "kubectl")], body: ["spec": ["replicas": 3]],
                contentType: "application/merge-patch+json")
            for attempt in [{ _ = try await world.planned() }, { _ = try await world.apply() }]
                as [() async throws -> Void]
            {
                let error = await refusal { try await attempt() }
                #expect(error?.message.contains(".spec.replicas belongs to kubectl") == true, "\(error as Any)")
            }
            #expect(try await world.deployment().number("spec", "replicas") == 3)
        }
    }

    /// A server on which an apply conflicts with the bot's own scaling, and an object that moves this often meanwhile.
    private func applied(movedTimes: Int, others: Bool = false) async throws -> (error: ActionError?, forced: [Asked]) {
        let moves = Mutex(movedTimes)
        func cause(_ manager: String) -> JSONValue {
            [
                "reason": "FieldManagerConflict", "field": ".spec.replicas",
                "message": .string("conflict with \"\(manager)\" with subresource \"scale\" using apps/v1"),
            ]
        }
        let own = Reply.failure(409, "Conflict", "Apply failed with 1 conflict", causes: [cause("defimon")])
        let both = Reply.failure(
            409, "Conflict", "Apply failed with 2 conflicts", causes: [cause("defimon"), cause("kubectl")])
        let store = ObjectStore { request in
            guard request.method == "PATCH", request.query["force"] == "false" else { return nil }
            if request.json["metadata"]?["resourceVersion"] == nil { return own }
            if others { return both }
            let isMoved = moves.withLock { left in
                left -= 1
                return left >= 0
            }
            return isMoved ? .failure(409, "Conflict", "the object has been modified") : own
        }
        let path = "/apis/apps/v1/namespaces/shop/deployments/api"
        store.put(["kind": "Namespace", "metadata": ["name": "shop"]], at: "/api/v1/namespaces/shop")
        store.put(
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": [
                    "name": "api", "namespace": "shop", "labels": ["app.kubernetes.io/managed-by": "defimon"],
                ],
            ], at: path)
        let version = store[path]?["metadata"]?["resourceVersion"]
        let root = try TemporaryFolder()
        try root.write(SizeOverrideTests.deployment, to: "pool/api.yaml")
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
            return await refusal { _ = try await made.perform(context()) }
        }
        let forced = store.asked.all.filter { $0.query["force"] == "true" }
        #expect(forced.allSatisfy { $0.json["metadata"]?["resourceVersion"] == version })
        return (error, forced)
    }

    @Test func `force is for one version that only the bot has set, and five moves of the object end it`() async throws
    {
        let (none, once) = try await applied(movedTimes: 0)
        #expect(none == nil && once.count == 1)
        let (late, atLast) = try await applied(movedTimes: 4)
        #expect(late == nil && atLast.count == 1)
        let (moved, never) = try await applied(movedTimes: 5)
        #expect(moved?.message.contains("the object has been modified") == true)
        #expect(moved?.retry == .later(afterMilliseconds: nil))
        #expect(never.isEmpty)
        let (refused, unforced) = try await applied(movedTimes: 0, others: true)
        #expect(refused?.message.contains(".spec.replicas belongs to kubectl") == true)
        #expect(unforced.isEmpty)
    }

    @Test func `a value that the bot has made once is not taken over by a manifest`() async throws {
        let secret = """
            apiVersion: v1
            kind: Secret
            metadata: {name: db, namespace: shop}
            data: {password: c2VjcmV0LW9mLXRoZS1tYW5pZmVzdA==}
            """
        try await withWorld(["secret": secret]) { world in
            try await world.run("secret-ensure", ["namespace": "shop", "name": "db", "generate": ["password"]])
            let error = await refusal { _ = try await world.apply() }
            #expect(error?.message.contains(".data.password belongs to defimon") == true, "\(error as Any)")
        }
    }

    @Test func `bounds set in chat survive deploys, and under an autoscaler no number is set`() async throws {
        try await withWorld(["api": SizeOverrideTests.deployment, "hpa": SizeOverrideTests.autoscaler]) { world in
            _ = try await world.apply()
            let error = await refusal { _ = try await world.scale("5") }
            #expect(error?.message.contains("the autoscaler api-scaler decides") == true)
            #expect(error?.hint == "set its bounds instead of a number: 2..5")
            let scaled = try await world.scale("3..8")
            #expect(scaled["summary"] == "Deployment shop/api may have from now on 3 to 8 replicas; deploys keep that")
            let note =
                "HorizontalPodAutoscaler shop/api-scaler: 3 to 8 replicas, set by olivia on 2026-09-21 with job 42 (manifests say 2 to 4)"
            #expect(try await world.planned() == ActionPlan(changes: [], notes: [note]))
            _ = try await world.apply()
            let bounds = try await world.client.get(.autoscalers, namespace: "shop", name: "api-scaler")
            #expect(bounds.number("spec", "minReplicas") == 3 && bounds.number("spec", "maxReplicas") == 8)
            _ = try await world.scale("default")
            _ = try await world.apply()
            let back = try await world.client.get(.autoscalers, namespace: "shop", name: "api-scaler")
            #expect(back.number("spec", "minReplicas") == 2 && back.number("spec", "maxReplicas") == 4)
        }
    }

    @Test func `an autoscaler of the cluster decides too, and the number of before is not lost to it`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            _ = try await world.scale("3")
            _ = try await world.apply()
            let json = try JSONValue(
                parsing: """
                    {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                     "metadata": {"name": "by-hand", "namespace": "shop"},
                     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
                              "minReplicas": 1, "maxReplicas": 9}}
                    """)
            _ = try await world.client.create(.autoscalers, namespace: "shop", json)
            let planned = try await world.planned()
            #expect(planned.changes.isEmpty, "\(planned.changes)")
            #expect(
                planned.notes == [
                    "Deployment shop/api: 3 replicas, set by olivia on 2026-09-21 with job 42, do not count: the autoscaler by-hand decides"
                ])
            _ = try await world.apply()
            #expect(try await world.deployment().number("spec", "replicas") == 3)
            // What the autoscaler has set is not set back.
            let path = ResourceType.deployments.path(namespace: "shop", name: "api", subresource: "scale")
            _ = try await world.client.json(
                "PATCH", path, query: [("fieldManager", "kube-controller-manager")], body: ["spec": ["replicas": 6]],
                contentType: "application/merge-patch+json")
            #expect(try await world.planned().changes.isEmpty)
            _ = try await world.apply()
            #expect(try await world.deployment().number("spec", "replicas") == 6)
        }
    }

    @Test func `replicas that only deploys have set stay as they are when an autoscaler comes`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            try world.root.write(
                SizeOverrideTests.autoscaler.replacing("minReplicas: 2", with: "minReplicas: 1"), to: "pool/hpa.yaml")
            // Left out of the apply, the number would go back to 1, the server's own default.
            #expect(
                try await !world.planned().changes.contains { $0.contains("replicas") && $0.contains("Deployment") })
            for _ in 0..<2 {
                _ = try await world.apply()
                #expect(try await world.deployment().number("spec", "replicas") == 2)
            }
        }
    }

    @Test func `a name that is not there is answered with the nearest, a size that is none with what would be one`()
        async throws
    {
        try await withWorld { world in
            let none = await refusal { _ = try await world.scale("2") }
            #expect(none?.message == "there is no Deployment or StatefulSet 'api' in namespace shop of cluster test")
            #expect(none?.hint == "there are no workloads; deploy first")
            _ = try await world.apply()
            for size in ["2", "2..8", "default"] {
                let error = await refusal { _ = try await world.scale(size, name: "apo") }
                #expect(error?.hint == "did you mean 'api'?")
            }
            let far = await refusal { _ = try await world.scale("2", name: "postgresql") }
            #expect(far?.hint == "there are api")
            let kind = await refusal { _ = try await world.scale("2", kind: "StatefulSet") }
            #expect(kind?.message.contains("no StatefulSet 'api'") == true)
            let bounds = await refusal { _ = try await world.scale("2..8") }
            #expect(bounds?.message == "no autoscaler decides about Deployment shop/api, so it has no bounds")
            for (size, hint) in [
                ("1001", "write a number of 0 to 1000, bounds such as 2..8, or default"),
                ("8..2", "write the fewest first, from 1, and at most 1000: 2..8"),
                ("0..2", "write the fewest first, from 1, and at most 1000: 2..8"),
                ("1..1001", "write the fewest first, from 1, and at most 1000: 2..8"),
            ] {
                #expect(await refusal { _ = try await world.scale(size) }?.hint == hint, "\(size)")
            }
            #expect(world.kept.keys.isEmpty)
            #expect(try await world.deployment().number("spec", "replicas") == 2)
            _ = try await world.scale("1000")
        }
    }

    @Test func `the plan of a scaling shows what is kept and what is kept no more`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            func planned(_ size: String) async throws -> [String] {
                try await plan(
                    try world.made("scale-to", SizeOverrideTests.inputs(size, "api", nil)), world.ledger
                ).changes
            }
            #expect(
                try await planned("5") == [
                    "Deployment shop/api: replicas 2 → 5", "Deployment shop/api: deploys keep 5 replicas",
                ])
            #expect(try await planned("2") == ["Deployment shop/api: deploys keep 2 replicas"])
            #expect(try await planned("default").isEmpty)
            #expect(world.kept.keys.isEmpty)
            _ = try await world.scale("5")
            #expect(try await planned("5").isEmpty)
            #expect(
                try await planned("default") == [
                    "Deployment shop/api: 5 replicas, set by olivia on 2026-09-21 with job 42: not kept any more; the next deploy sets what the manifests say"
                ])
            #expect(world.kept.keys.count == 1)
        }
    }

    @Test func `a size that cannot be kept is told, for the number is set`() async throws {
        try await withWorld { world in
            _ = try await world.apply()
            let made = try world.made("scale-to", SizeOverrideTests.inputs("5", "api", nil))
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(
                error?.message.hasPrefix("Deployment shop/api has its new size, which the next deploy would undo: ")
                    == true)
            #expect(error?.mayHaveTakenEffect == true)
        }
    }

    @Test func `a volume that has grown is not made smaller by a deploy`() async throws {
        @Sendable func claim(_ size: String) -> String {
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data, namespace: shop}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: \(size)}}}
            """
        }
        let store = ObjectStore { request in
            guard request.path == "/api/v1" else { return nil }
            let kind: JSONValue = [
                "name": "persistentvolumeclaims", "kind": "PersistentVolumeClaim", "namespaced": true,
            ]
            return .json(["kind": "APIResourceList", "resources": [kind]])
        }
        store.put(["kind": "Namespace", "metadata": ["name": "shop"]], at: "/api/v1/namespaces/shop")
        let root = try TemporaryFolder()
        let path = "/api/v1/namespaces/shop/persistentvolumeclaims/data"
        try root.write(claim("20Gi"), to: "pool/claim.yaml")
        try await withCluster({ store.answer($0) }) { clusters in
            func made() throws -> any RepeatableAction {
                try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
            }
            _ = try await made().perform(context())
            #expect(try await plan(try made(), context()) == ActionPlan(changes: []))
            var grown = try #require(store[path]?.objectValue)
            grown["spec"] = ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "40Gi"]]]
            store.put(.object(grown), at: path)
            let note = "PersistentVolumeClaim shop/data: 40Gi, to which it has grown (manifests say 20Gi)"
            #expect(try await plan(try made(), context()) == ActionPlan(changes: [], notes: [note]))
            _ = try await made().perform(context())
            #expect(store[path]?["spec"]?["resources"]?["requests"]?["storage"] == "40Gi")
            // The manifests' size is the least: a larger one is asked for.
            try root.write(claim("60Gi"), to: "pool/claim.yaml")
            _ = try await made().perform(context())
            #expect(store[path]?["spec"]?["resources"]?["requests"]?["storage"] == "60Gi")
        }
    }
}
