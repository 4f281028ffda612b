import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// What holds a rollout, with its cause and its pod, against the whole API server in memory.
@Suite(.timeLimit(.minutes(3)))
struct StallCauseTests {
    /// A StatefulSet `db` with a volume; then what a wait for it says.
    private func stall(
        deadline: Int? = nil, kind: String = "StatefulSet",
        _ failures: @escaping @Sendable (inout KubernetesFailures) -> Void
    ) async throws -> (error: ActionError?, seconds: Double) {
        let result = Recorder<(ActionError?, Double)>()
        try await withStandIn { standIn, clusters in
            standIn.setFailures(failures)
            let client = try clusters.client("test")
            var spec: [String: JSONValue] = [
                "selector": ["matchLabels": ["app": "db"]],
                "template": [
                    "metadata": ["labels": ["app": "db"]],
                    "spec": ["containers": [["name": "db", "image": "r.test/db:1"]]],
                ],
            ]
            if kind == "StatefulSet" {
                spec["serviceName"] = "db"
                spec["volumeClaimTemplates"] = [
                    [
                        "metadata": ["name": "data"],
                        "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
                    ]
                ]
            }
            if let deadline { spec["progressDeadlineSeconds"] = .int(Int64(deadline)) }
            _ = try await client.create(
                kind == "Deployment" ? .deployments : .statefulSets, namespace: "default",
                ["apiVersion": "apps/v1", "kind": .string(kind), "metadata": ["name": "db"], "spec": .object(spec)])
            let time = VirtualTime(now: Date())
            let start = time.now
            let clock = Task {
                while !Task.isCancelled {
                    await time.untilSleeping(1)
                    time.advance(by: .seconds(5))
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let made = try action("kubernetes.rollout-wait", ["namespace": "default"], clusters: clusters)
            let error = await refusal { _ = try await made.perform(context(time: time)) }
            clock.cancel()
            result.add((error, time.now.timeIntervalSince(start)))
        }
        return try #require(result.all.first)
    }

    @Test func `a probe that fails for long is named with what it was answered`() async throws {
        let found = try await stall { $0.stalledRollout = ["db"] }
        #expect(
            found.error?.message
                == "StatefulSet default/db: pod db-0, container db, runs and is not ready: Readiness probe failed: HTTP "
                + "probe failed with statuscode: 503")
        #expect(found.error?.details?.contains("last log lines of db") == true)
        #expect(found.seconds >= 300)
    }

    @Test func `a Deployment past its deadline names the pod whose probe fails`() async throws {
        let found = try await stall(deadline: 1, kind: "Deployment") { $0.stalledRollout = ["db"] }
        #expect(found.error?.message.contains("runs and is not ready: Readiness probe failed") == true)
        #expect(found.seconds < 300)
    }

    @Test func `a volume that is not bound is named with its claim and why`() async throws {
        let found = try await stall { $0.unboundClaims = ["data-db-0"] }
        let message = try #require(found.error?.message)
        #expect(
            message.hasPrefix("StatefulSet default/db: pod db-0 waits for a volume: 0/1 nodes are available: pod has"))
        #expect(
            message.hasSuffix(
                "; claim data-db-0 (StorageClass standard): failed to provision volume with StorageClass \"standard\": "
                    + "rpc error: code = ResourceExhausted desc = volume limits exceeded"))
        #expect((60..<200).contains(found.seconds))
    }

    @Test func `a quota that is used up is named with the server's words`() async throws {
        let found = try await stall(kind: "Deployment") { $0.quota = ["default"] }
        #expect(found.error?.message.contains("its pods are not created: ") == true)
        #expect(found.error?.message.contains("exceeded quota") == true)
        #expect(found.error?.hint == "raise the namespace's quota, or lower the requests, limits or replicas")
    }

    private func pod(_ status: JSONValue, phase: String = "Running") -> ClusterObject {
        ClusterObject([
            "kind": "Pod", "metadata": ["name": "p"],
            "status": ["phase": .string(phase), "containerStatuses": [status]],
        ])
    }

    @Test func `a container that starts, or is ready, has no trouble with its probe`() {
        let running: JSONValue = ["running": [:]]
        #expect(PodTrouble(pod(["name": "c", "ready": false, "state": running]))?.kind == .probe)
        #expect(PodTrouble(pod(["name": "c", "ready": true, "state": running])) == nil)
        #expect(PodTrouble(pod(["name": "c", "ready": false, "started": false, "state": running])) == nil)
        #expect(PodTrouble(pod(["name": "c", "ready": false, "state": running], phase: "Pending")) == nil)
    }
}
