import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Nodes that are emptied, against the whole API server in memory with two nodes.
@Suite(.timeLimit(.minutes(3)))
struct DrainTests {
    private static let apps = "/apis/apps/v1"

    /// Pods of a Deployment `web` on both nodes, four together, and one of a DaemonSet on each.
    private func withNodes(
        minAvailable: Int? = nil, podSpec: [String: JSONValue] = [:],
        _ body: @escaping @Sendable (KubernetesStandIn, KubernetesClient, ClusterDirectory) async throws -> Void
    ) async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(.nodes, ["apiVersion": "v1", "kind": "Node", "metadata": ["name": "second"]])
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            func template(_ app: String) -> JSONValue {
                let containers: JSONValue = [["name": "c", "image": "r.test/c:1"]]
                return [
                    "metadata": ["labels": ["app": .string(app)]],
                    "spec": .object(podSpec.merging(["containers": containers]) { $1 }),
                ]
            }
            _ = try await client.create(
                .daemonSets, namespace: "n",
                [
                    "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": ["name": "agent"],
                    "spec": ["selector": ["matchLabels": ["app": "agent"]], "template": template("agent")],
                ])
            _ = try await client.create(
                .deployments, namespace: "n",
                [
                    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
                    "spec": [
                        "replicas": 4, "selector": ["matchLabels": ["app": "web"]], "template": template("web"),
                    ],
                ])
            if let minAvailable {
                try await setBudget(client, minAvailable, isNew: true)
            }
            let ready: Bool? = try await eventually {
                let web = try await client.get(.deployments, namespace: "n", name: "web")
                let agent = try await client.get(.daemonSets, namespace: "n", name: "agent")
                return web.number("status", "availableReplicas") == 4 && agent.number("status", "numberReady") == 2
                    ? true : nil
            }
            try #require(ready == true)
            try await body(standIn, client, clusters)
        }
    }

    private func setBudget(_ client: KubernetesClient, _ minAvailable: Int, isNew: Bool = false) async throws {
        let type = ResourceType("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets")
        if isNew {
            _ = try await client.create(
                type, namespace: "n",
                [
                    "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": ["name": "web"],
                    "spec": [
                        "minAvailable": .int(Int64(minAvailable)), "selector": ["matchLabels": ["app": "web"]],
                    ],
                ])
        } else {
            _ = try await client.patch(
                type, namespace: "n", name: "web", .merge, ["spec": ["minAvailable": .int(Int64(minAvailable))]])
        }
        let known: Bool? = try await eventually {
            let budget = try await client.get(type, namespace: "n", name: "web")
            return budget.number("status", "desiredHealthy") == minAvailable ? true : nil
        }
        try #require(known == true)
    }

    private func pods(_ client: KubernetesClient, app: String, node: String = "second") async throws -> [ClusterObject]
    {
        try await client.list(.pods, namespace: "n", labels: "app=\(app)", fields: "spec.nodeName=\(node)").objects
    }

    @Test func `a cordoned node takes no new pods until it is let take them again`() async throws {
        try await withNodes { _, client, clusters in
            let cordon = try action("kubernetes.cordon", ["node": "second"], clusters: clusters)
            #expect(try await plan(cordon, context()).changes == ["Node second: takes no new pods"])
            #expect(try await cordon.perform(context())["changed"] == true)
            #expect(try await cordon.perform(context())["changed"] == false)
            #expect(try await plan(cordon, context()).changes.isEmpty)
            #expect(try await client.get(.nodes, name: "second")["spec", "unschedulable"] == true)
            let uncordon = try action("kubernetes.uncordon", ["node": "second"], clusters: clusters)
            #expect(try await uncordon.perform(context())["changed"] == true)
            #expect(try await uncordon.perform(context())["changed"] == false)
            #expect(try await client.get(.nodes, name: "second")["spec", "unschedulable"] == nil)
            let unknown = try action("kubernetes.cordon", ["node": "third"], clusters: clusters)
            let error = await refusal { _ = try await unknown.perform(context()) }
            #expect(error?.message.contains("nodes \"third\" not found") == true)
        }
    }

    @Test func `a drained node is empty but for what stays, and a second run has nothing to do`() async throws {
        try await withNodes(minAvailable: 3) { _, client, clusters in
            let drain = try action("kubernetes.drain", ["node": "second"], clusters: clusters)
            let set = try #require(try await pods(client, app: "web").first?.controller?.name)
            #expect(
                try await plan(drain, context()).changes == [
                    "Node second: takes no new pods", "ReplicaSet n/\(set): 2 pods move",
                ])
            let told = Recorder<String>()
            let output = try await drain.perform(context(time: HurriedTime()) { told.add($0) })
            #expect(output["moved"] == 2)
            #expect(output["stayed"] == 1)
            #expect(try await pods(client, app: "web").isEmpty)
            #expect(try await pods(client, app: "agent").count == 1)
            #expect(told.all.allSatisfy { $0.hasPrefix("node second takes no new pods; ") })
            #expect(told.all.contains { $0.contains("0 of 2 pods moved") })
            #expect(try await plan(drain, context()) == ActionPlan(changes: []))
            #expect(try await drain.perform(context())["moved"] == 0)
        }
    }

    @Test func `a budget without room is waited for and named, and the drain goes on when it has room`() async throws {
        try await withNodes(minAvailable: 4) { _, client, clusters in
            let drain = try action("kubernetes.drain", ["node": "second"], clusters: clusters)
            let told = Recorder<String>()
            async let output = drain.perform(context(time: HurriedTime()) { told.add($0) })
            let waits = await eventually { told.all.first { $0.contains("waits for") } }
            let words = "waits for budget web (needs 4 healthy pods and has 4 currently), and 1 more wait"
            #expect(waits?.contains(words) == true, "\(waits ?? "")")
            #expect(try await pods(client, app: "web").count == 2)
            try await setBudget(client, 3)
            #expect(try await output["moved"] == 2)
        }
    }

    @Test func `a drain that is cancelled leaves the node cordoned, as its last words say`() async throws {
        try await withNodes(minAvailable: 4) { _, client, clusters in
            let drain = try action("kubernetes.drain", ["node": "second"], clusters: clusters)
            let told = Recorder<String>()
            let running = Task { try await drain.perform(context(time: HurriedTime()) { told.add($0) }) }
            _ = await eventually { told.all.isEmpty ? nil : true }
            running.cancel()
            await #expect(throws: (any Error).self) { try await running.value }
            #expect(told.all.last?.hasPrefix("node second takes no new pods; 0 of 2 pods moved; n/web-") == true)
            #expect(try await client.get(.nodes, name: "second").isCordoned)
        }
    }

    private func barePod(_ name: String, more: [String: JSONValue] = [:]) -> JSONValue {
        let spec = more.merging(["nodeName": "second", "containers": [["name": "c", "image": "r.test/c:1"]]]) { $1 }
        return ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)], "spec": .object(spec)]
    }

    @Test func `a pod that nothing makes again is refused before anything is changed, unless it is allowed`()
        async throws
    {
        try await withNodes { _, client, clusters in
            _ = try await client.create(.pods, namespace: "n", barePod("alone"))
            let drain = try action("kubernetes.drain", ["node": "second"], clusters: clusters)
            for attempt in [{ _ = try await plan(drain, context()) }, { _ = try await drain.perform(context()) }]
                as [() async throws -> Void]
            {
                let error = await refusal { try await attempt() }
                #expect(error?.message.contains("pod n/alone has no controller") == true)
                #expect(error?.hint?.contains("'delete_bare_pods: true'") == true)
                #expect(error?.hint?.contains("delete_local_data") == false)
            }
            #expect(try await client.get(.nodes, name: "second").isCordoned == false)
            let allowed = try action(
                "kubernetes.drain", ["node": "second", "delete_bare_pods": true], clusters: clusters)
            let planned = try await plan(allowed, context())
            #expect(planned.deletions == 1)
            #expect(planned.changes.contains("Pod n/alone: deleted, and nothing makes it again"))
            #expect(try await allowed.perform(context(time: HurriedTime()))["moved"] == 3)
            #expect(try await client.find(.pods, namespace: "n", name: "alone") == nil)
        }
    }

    @Test func `a pod whose data would be lost is refused, unless it is allowed`() async throws {
        try await withNodes(podSpec: ["volumes": [["name": "cache", "emptyDir": [:]]]]) { _, client, clusters in
            let drain = try action("kubernetes.drain", ["node": "second"], clusters: clusters)
            let error = await refusal { _ = try await drain.perform(context()) }
            #expect(error?.message.contains("keeps data on the node (emptyDir cache), and 1 more like it") == true)
            #expect(error?.hint?.contains("'delete_local_data: true'") == true)
            #expect(error?.details?.split(separator: "\n").count == 2)
            let allowed = try action(
                "kubernetes.drain", ["node": "second", "delete_local_data": true], clusters: clusters)
            let planned = try await plan(allowed, context())
            #expect(planned.changes.last?.hasSuffix("2 pods move, and what it keeps in cache is lost") == true)
            #expect(planned.deletions == 2)
            #expect(try await allowed.perform(context(time: HurriedTime()))["moved"] == 2)
        }
    }

    @Test func `a pod that the node runs from its own files stays`() {
        let mirror = ClusterObject([
            "kind": "Pod",
            "metadata": [
                "name": "proxy", "namespace": "kube-system", "annotations": ["kubernetes.io/config.mirror": "x"],
            ],
        ])
        let pods = NodePods([mirror])
        #expect(pods.moving.isEmpty)
        #expect(pods.staying == 1)
        #expect(pods.losses.isEmpty)
    }

    private static let pod: JSONValue = [
        "metadata": [
            "name": "p", "namespace": "n", "uid": "u",
            "ownerReferences": [["kind": "ReplicaSet", "name": "r", "controller": true]],
        ]
    ]

    @Test func `two budgets over one pod end the drain, with the state that the node is left in`() async throws {
        let store = ObjectStore { asked in
            guard asked.path.hasSuffix("/eviction") else { return nil }
            #expect(asked.json["deleteOptions"]?["preconditions"]?["uid"] == "uid-/api/v1/pods/p")
            return .failure(
                500, "InternalError",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
        }
        store.put(["metadata": ["name": "a"]], at: "/api/v1/nodes/a")
        store.put(DrainTests.pod, at: "/api/v1/pods/p")
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let drain = try action("kubernetes.drain", ["node": "a"], clusters: clusters)
            return await refusal { _ = try await drain.perform(context()) }
        }
        #expect(error?.message.contains("more than one PodDisruptionBudget") == true)
        #expect(error?.message.hasSuffix("; node a is left cordoned, 0 of 1 pod moved") == true)
        #expect(error?.hint?.contains("kubernetes.uncordon") == true)
    }

    @Test(arguments: [(7, 7), (4000, 300)])
    func `a budget is asked again when the server says, within a bound`(after: Int, waits: Int) async throws {
        let evictions = Recorder<Date>()
        let time = VirtualTime(now: Date(timeIntervalSince1970: 1_800_000_000))
        let store = ObjectStore()
        store.put(["metadata": ["name": "a"]], at: "/api/v1/nodes/a")
        store.put(DrainTests.pod, at: "/api/v1/pods/p")
        let answer: @Sendable (Asked) -> Reply = { asked in
            guard asked.path.hasSuffix("/eviction") else { return store.answer(asked) }
            guard evictions.add(time.now) == 0 else {
                store.remove("/api/v1/pods/p")
                return .json(["kind": "Status", "status": "Success"], status: 201)
            }
            return .json(
                [
                    "kind": "Status", "status": "Failure", "reason": "TooManyRequests", "message": "no", "code": 429,
                    "details": [
                        "causes": [["reason": "DisruptionBudget", "message": "no room"]],
                        "retryAfterSeconds": .int(Int64(after)),
                    ],
                ], status: 429)
        }
        try await withCluster(answer) { clusters in
            let drain = try action("kubernetes.drain", ["node": "a"], clusters: clusters)
            async let output = drain.perform(context(time: time))
            while evictions.all.count < 2 {
                await time.untilSleeping(1)
                time.advance(by: .seconds(1))
            }
            await time.untilSleeping(1)
            time.advance(by: .seconds(2))
            #expect(try await output["moved"] == 1)
        }
        let asked = evictions.all
        #expect(asked.count == 2)
        // It looks every two seconds.
        #expect((waits...(waits + 2)).contains(Int(asked[1].timeIntervalSince(asked[0]))))
    }
}
