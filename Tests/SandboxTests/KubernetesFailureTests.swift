import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Failures that can be switched on.
@Suite struct KubernetesFailureTests {
    private static let path = "/apis/apps/v1/namespaces/default/deployments/web"

    private static func waiting(_ cluster: KubernetesCluster, _ reason: String) async -> JSONValue? {
        await eventually(within: .seconds(20)) {
            cluster.standIn.objects(apiVersion: "v1", kind: "Pod", namespace: "default").first {
                $0.at(path: "status.containerStatuses.0.state.waiting.reason")?.stringValue == reason
            }
        }
    }

    @Test func tooManyRequestsSayWhenToComeAgainAndEnd() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures {
                $0.tooManyRequests = 1
                $0.retryAfterSeconds = 7
                $0.internalErrors = 1
            }
            let first = try await cluster.send("GET", "/api/v1/pods")
            #expect(first.status == 429)
            #expect(first.headers["retry-after"] == "7")
            #expect(first.json["reason"] == "TooManyRequests")
            #expect(try await cluster.send("GET", "/api/v1/pods").status == 500)
            #expect(try await cluster.send("GET", "/api/v1/pods").status == 200)
        }
    }

    @Test(arguments: ["/api/v1/namespaces", "/api/v1/namespaces?watch=true"])
    func anAnswerIsCutInItsMiddle(path: String) async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.reset = 1 }
            var isCut = false
            do {
                let stream = try await cluster.session.stream(HTTPRequest(url: cluster.url + path))
                for try await _ in stream.body {}
            } catch {
                isCut = true
            }
            #expect(isCut)
            let next = try await cluster.send("GET", "/api/v1/namespaces")
            #expect(next.status == 200)
        }
    }

    @Test func aWatchIsExpiredMidway() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.expireWatches = 1 }
            let events = try await cluster.watch("/api/v1/namespaces?watch=true") { _ in false }
            #expect(events.map { $0["type"] } == ["ADDED", "ERROR"])
            #expect(events.last?.at(path: "object.code") == 410)
        }
    }

    @Test func aStalledRolloutExceedsItsDeadlineAndGoesOnWhenItMay() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.stalledRollout = ["web"] }
            let manifest = KubernetesManifests.deployment("web").replacing(
                "  selector:", with: "  progressDeadlineSeconds: 1\n  selector:")
            try await cluster.apply(Self.path, manifest)
            let stalled = try await cluster.wait("apps/v1", "Deployment", "web") {
                $0.at(path: "status.conditions")?.arrayValue?.contains {
                    $0["reason"] == "ProgressDeadlineExceeded" && $0["status"] == "False"
                } ?? false
            }
            #expect(stalled.at(path: "status.unavailableReplicas") == 2)
            cluster.standIn.setFailures { $0.stalledRollout = [] }
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 2 }
        }
    }

    @Test func anImageThatCannotBePulledIsNamed() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.imagePull = ["web:1.0"] }
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: 1))
            let pod = try #require(await Self.waiting(cluster, "ImagePullBackOff"))
            #expect(
                pod.at(path: "status.containerStatuses.0.state.waiting.message")?.stringValue?
                    .hasPrefix("Back-off pulling image \"registry.example.com/web:1.0\"") == true)
            #expect(pod.at(path: "status.phase") == "Pending")
            let name = try #require(pod.at(path: "metadata.name")?.stringValue)
            let log = try await cluster.send("GET", "/api/v1/namespaces/default/pods/\(name)/log")
            #expect(log.status == 400)
            #expect(
                log.json["message"]?.stringValue
                    == "container \"web\" in pod \"\(name)\" is waiting to start: trying and failing to pull image")
        }
    }

    @Test func aCrashLoopCountsItsRestartsAndLeavesItsLastLines() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures {
                $0.crashLoop["web"] = .init(lines: ["starting", "panic: no database"], exitCode: 2)
            }
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: 1))
            let pod = try #require(await Self.waiting(cluster, "CrashLoopBackOff"))
            let name = try #require(pod.at(path: "metadata.name")?.stringValue)
            #expect(pod.at(path: "status.containerStatuses.0.lastState.terminated.exitCode") == 2)
            let log = try await cluster.send(
                "GET", "/api/v1/namespaces/default/pods/\(name)/log?previous=true&tailLines=1")
            #expect(log.json == "panic: no database\n")
            let restarts: Int? = await eventually {
                cluster.object("v1", "Pod", name)?.at(path: "status.containerStatuses.0.restartCount")?.intValue
                    .flatMap { $0 >= 2 ? $0 : nil }
            }
            #expect(restarts != nil)
            cluster.standIn.setFailures { $0.crashLoop = [:] }
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 1 }
        }
    }

    @Test func aFailingJobReachesItsLimit() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.crashLoop["m"] = .init() }
            try await cluster.apply(
                "/apis/batch/v1/namespaces/default/jobs/m",
                """
                {apiVersion: batch/v1, kind: Job, metadata: {name: m}, spec: {backoffLimit: 1, template: {spec:
                {restartPolicy: Never, containers: [{name: m, image: "registry.example.com/m:1"}]}}}}
                """)
            let job = try await cluster.wait("batch/v1", "Job", "m") {
                $0.at(path: "status.conditions")?.arrayValue?.contains {
                    $0["type"] == "Failed" && $0["reason"] == "BackoffLimitExceeded"
                } ?? false
            }
            #expect(job.at(path: "status.failed") == 2)
        }
    }

    @Test func aPodThatNoNodeTakesIsPending() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.unschedulable = ["default/web"] }
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: 1))
            let condition: JSONValue? = await eventually {
                cluster.standIn.objects(apiVersion: "v1", kind: "Pod", namespace: "default").first?
                    .at(path: "status.conditions")?.arrayValue?.first { $0["reason"] == "Unschedulable" }
            }
            #expect(
                condition?["message"]?.stringValue?.hasPrefix("0/1 nodes are available: 1 Insufficient memory.") == true
            )
            let events = try await cluster.send(
                "GET",
                "/api/v1/namespaces/default/events?fieldSelector=reason%3DFailedScheduling,involvedObject.kind%3DPod")
            #expect(events.json["items"]?.arrayValue?.count == 1)
        }
    }

    @Test func aQuotaThatIsUsedUpShowsInTheDeployment() async throws {
        try await KubernetesCluster.run { cluster in
            cluster.standIn.setFailures { $0.quota = ["default"] }
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web", replicas: 1))
            let object = try await cluster.wait("apps/v1", "Deployment", "web") {
                $0.at(path: "status.conditions")?.arrayValue?.contains { $0["type"] == "ReplicaFailure" } ?? false
            }
            let message = object.at(path: "status.conditions")?.arrayValue?
                .first { $0["type"] == "ReplicaFailure" }?["message"]?.stringValue
            #expect(message?.contains("is forbidden: exceeded quota: compute-resources") == true)
            cluster.standIn.setFailures { $0.quota = [] }
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 1 }
        }
    }

    @Test func failuresAndCountersAreReachedByHTTP() async throws {
        try await KubernetesCluster.run { cluster in
            let set = try await cluster.send(
                "PUT", "/_sandbox/failures", #"{"slow":5,"crashLoop":["web"],"quota":["default"]}"#)
            #expect(set.status == 200)
            #expect(cluster.standIn.failures.slow == 5)
            #expect(cluster.standIn.failures.crashLoop["web"] == .init())
            let wrong = try await cluster.send("PUT", "/_sandbox/failures", #"{"sloow":5}"#)
            #expect(wrong.status == 400)
            #expect(cluster.standIn.failures.slow == 5)
            try await cluster.send("PATCH", "/_sandbox/failures", #"{"slow":0}"#)
            #expect(cluster.standIn.failures.quota == ["default"])
            try await cluster.send("PUT", "/_sandbox/failures", "{}")
            #expect(cluster.standIn.failures == KubernetesFailures())
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web"), dryRun: true)
            try await cluster.apply(Self.path, KubernetesManifests.deployment("web"))
            let counts = try await cluster.send("GET", "/_sandbox/requests")
            let pattern = "PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}"
            #expect(counts.json[pattern] == 1)
            #expect(counts.json["\(pattern)?dryRun=All"] == 1)
            #expect(cluster.standIn.requestCounts[pattern] == 1)
        }
    }
}
