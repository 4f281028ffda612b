import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// The actions against a whole API server in memory, whose controllers make workloads live.
@Suite(.timeLimit(.minutes(3)))
struct ClusterStandInTests {
    private static let manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: analytics}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: conf, namespace: analytics}
        data: {domain: "{{env.DOMAIN}}"}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: analytics}
        spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db, namespace: analytics}
        spec:
          serviceName: db
          replicas: 1
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec:
              containers:
              - name: db
                image: "{{images.db}}"
                env:
                - name: PASSWORD
                  valueFrom: {secretKeyRef: {name: db-secrets, key: password}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api, namespace: analytics}
        spec:
          replicas: "{{settings.replicas}}"
          selector: {matchLabels: {app: api}}
          template:
            metadata: {labels: {app: api}}
            spec:
              containers:
              - {name: api, image: "{{images.api}}", ports: [{containerPort: 8002}]}
        """

    private func settings(api: String, replicas: Int = 2) -> String {
        "images: {db: 'postgres:16', api: '\(api)'}\nsettings: {replicas: \(replicas)}\n"
    }

    private func folder() throws -> TemporaryFolder {
        let root = try TemporaryFolder()
        try root.write(ClusterStandInTests.manifests, to: "pool/all.yaml")
        try root.write(settings(api: "r.test/api:1"), to: "pool/deployment/settings.yaml")
        return root
    }

    @discardableResult
    private func run(
        _ name: String, _ inputs: [String: JSONValue], _ clusters: ClusterDirectory, root: TemporaryFolder? = nil,
        key: String = "k", time: any TimeSource = SystemTime()
    ) async throws -> JSONValue {
        let made = try action(
            "kubernetes.\(name)", inputs, clusters: clusters, root: root?.url.path ?? "/",
            environment: ["DOMAIN": "a.test"])
        return try await made.perform(context(key: key, time: time))
    }

    private func planned(_ clusters: ClusterDirectory, _ root: TemporaryFolder) async throws -> ActionPlan {
        try await plan(
            try action(
                "kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path,
                environment: ["DOMAIN": "a.test"]), context())
    }

    private func deploy(_ clusters: ClusterDirectory, _ root: TemporaryFolder) async throws {
        try await run("namespace-ensure", ["namespace": "analytics"], clusters)
        try await run(
            "secret-ensure", ["namespace": "analytics", "name": "db-secrets", "generate": ["password"]], clusters)
        try await run("apply", ["folder": "pool"], clusters, root: root)
    }

    @Test func aPoolIsPlannedDeployedChangedRestartedAndTakenDown() async throws {
        let root = try folder()
        try await withStandIn { standIn, clusters in
            let before = try await planned(clusters, root)
            #expect(before.changes.count == 1)
            #expect(before.knownLater.count == 4)
            #expect(standIn.objects(apiVersion: "v1", kind: "ConfigMap", namespace: "analytics").isEmpty)

            try await deploy(clusters, root)
            let ready = try await run("rollout-wait", ["namespace": "analytics"], clusters)
            #expect(ready["summary"] == "2 workloads are ready")
            #expect(try await planned(clusters, root) == ActionPlan(changes: []))
            let again = try await run("apply", ["folder": "pool"], clusters, root: root)
            #expect(again["summary"] == "5 objects, 0 changed")

            try root.write(settings(api: "r.test/api:2", replicas: 3), to: "pool/deployment/settings.yaml")
            #expect(
                try await planned(clusters, root).changes == [
                    "Deployment analytics/api: spec.replicas: 2 → 3",
                    "Deployment analytics/api: spec.template.spec.containers[api].image: r.test/api:1 → r.test/api:2",
                ])
            let changed = try await run("apply", ["folder": "pool"], clusters, root: root)
            #expect(changed["summary"] == "5 objects, 1 changed")
            let waited = try await run(
                "rollout-wait", ["namespace": "analytics", "workloads": ["Deployment/api"]], clusters)
            #expect(waited["details"] == "Deployment/api 3/3")

            let restart: [String: JSONValue] = ["namespace": "analytics", "kind": "StatefulSet", "name": "db"]
            #expect(try await run("rollout-restart", restart, clusters)["restarted"] == true)
            #expect(try await run("rollout-restart", restart, clusters)["restarted"] == false)
            try await run("rollout-wait", ["namespace": "analytics"], clusters)
            // The annotation of a restart is not undone by the next apply.
            #expect(try await planned(clusters, root) == ActionPlan(changes: []))

            let blocks = try await NamespaceStatus(clusters: clusters).status(cluster: "test", namespace: "analytics")
            #expect(
                blocks.first
                    == .fields([
                        .init("Deployment/api", "3/3 ready · api:2"),
                        .init("StatefulSet/db", "1/1 ready · postgres:16"),
                    ]))
            try await run("namespace-delete", ["namespace": "analytics"], clusters)
            #expect(standIn.object(apiVersion: "v1", kind: "Namespace", namespace: "", name: "analytics") == nil)
        }
    }

    @Test func aWaitSurvivesCutWatchesExpiredVersionsAndAnOverloadedServer() async throws {
        let root = try folder()
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.stalledRollout = ["*"] }
            try await deploy(clusters, root)
            async let waited = run("rollout-wait", ["namespace": "analytics"], clusters, time: ImpatientTime())
            // Each of the six kinds that it follows: a list that is cut off ends the wait.
            _ = await eventually {
                standIn.requestCounts.count { $0.key.contains("watch") && $0.value > 0 } == 6 ? true : nil
            }
            standIn.setFailures {
                $0.reset = 2
                $0.expireWatches = 2
                $0.tooManyRequests = 2
            }
            standIn.forgetHistory()
            standIn.setFailures { $0.stalledRollout = [] }
            #expect(try await waited["summary"] == "2 workloads are ready")
        }
    }

    @Test func anImageThatCannotBePulledStopsTheWait() async throws {
        let root = try folder()
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.imagePull = ["api:1"] }
            try await deploy(clusters, root)
            let error = await refusal { try await run("rollout-wait", ["namespace": "analytics"], clusters) }
            #expect(error?.message.contains("cannot pull its image (ImagePullBackOff)") == true)
            #expect(error?.message.hasPrefix("Deployment analytics/api: pod api-") == true)
        }
    }

    @Test func aCrashLoopStopsTheWaitWithItsLogAndThePodIsReported() async throws {
        let root = try folder()
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.crashLoop = ["db": .init(lines: ["no space left on device"], exitCode: 3)] }
            try await deploy(clusters, root)
            let error = await refusal { try await run("rollout-wait", ["namespace": "analytics"], clusters) }
            #expect(
                error?.message.contains("StatefulSet analytics/db: pod db-0, container db, crashes again and again")
                    == true)
            #expect(error?.message.contains("exit code 3") == true)
            #expect(error?.details?.contains("no space left on device") == true)
            let report = try await run("pod-report", ["namespace": "analytics", "pod": "db-0"], clusters)
            #expect(report["workload_name"] == "db")
            #expect(report["workload_kind"] == "StatefulSet")
            #expect(report["details"]?.stringValue?.contains("no space left on device") == true)
        }
    }

    @Test(arguments: ["quota", "unschedulable"])
    func whatLastsStopsTheWait(failure: String) async throws {
        let root = try folder()
        try await withStandIn { standIn, clusters in
            standIn.setFailures {
                if failure == "quota" { $0.quota = ["analytics"] } else { $0.unschedulable = ["*"] }
            }
            try await deploy(clusters, root)
            let time = VirtualTime(now: Date())
            let clock = Task {
                while !Task.isCancelled {
                    await time.untilSleeping(1)
                    time.advance(by: .seconds(5))
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let error = await refusal {
                try await run("rollout-wait", ["namespace": "analytics"], clusters, time: time)
            }
            clock.cancel()
            let words = failure == "quota" ? "its pods are not created" : "finds no node"
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
        }
    }
}
