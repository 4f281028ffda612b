import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct RolloutTests {
    private static func workload(_ kind: String, _ spec: JSONValue, _ status: JSONValue, generation: Int64 = 2)
        -> ClusterObject
    {
        ClusterObject([
            "kind": .string(kind), "metadata": ["name": "w", "namespace": "n", "generation": .int(generation)],
            "spec": spec, "status": status,
        ])
    }

    @Test(
        arguments: [
            // StatefulSet: generation first, then readiness, then partition or revision.
            ("StatefulSet", ["replicas": 2], ["observedGeneration": 1, "readyReplicas": 2], "waiting 2/2"),
            (
                "StatefulSet", ["replicas": 2],
                ["observedGeneration": 2, "readyReplicas": 1, "updateRevision": "a", "currentRevision": "a"],
                "waiting 1/2"
            ),
            (
                "StatefulSet", ["replicas": 2],
                [
                    "observedGeneration": 2, "readyReplicas": 2, "updatedReplicas": 1, "updateRevision": "b",
                    "currentRevision": "a",
                ], "waiting 1/2"
            ),
            (
                "StatefulSet", ["replicas": 2],
                ["observedGeneration": 2, "readyReplicas": 2, "updateRevision": "b", "currentRevision": "b"], "done 2/2"
            ),
            (
                "StatefulSet", ["replicas": 3, "updateStrategy": ["rollingUpdate": ["partition": 2]]],
                [
                    "observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 1, "updateRevision": "b",
                    "currentRevision": "a",
                ], "done 3/3"
            ),
            (
                "StatefulSet", ["replicas": 3, "updateStrategy": ["rollingUpdate": ["partition": 1]]],
                [
                    "observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 1, "updateRevision": "b",
                    "currentRevision": "a",
                ], "waiting 3/3"
            ),
            (
                "StatefulSet", ["replicas": 2, "updateStrategy": ["type": "OnDelete"]],
                ["observedGeneration": 2, "readyReplicas": 2, "updateRevision": "b", "currentRevision": "a"], "done 2/2"
            ),
            // DaemonSet: by the nodes it should be on.
            (
                "DaemonSet", [:],
                [
                    "observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 2,
                    "numberAvailable": 3,
                ], "waiting 2/3"
            ),
            (
                "DaemonSet", [:],
                [
                    "observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3,
                    "numberAvailable": 3,
                ], "done 3/3"
            ),
            ("DaemonSet", [:], ["observedGeneration": 2], "done 0/0"), ("DaemonSet", [:], [:], "waiting 0/0"),
            // Deployment: old pods must have gone, and new ones be available.
            (
                "Deployment", ["replicas": 2],
                ["observedGeneration": 2, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 3], "waiting 2/2"
            ),
            (
                "Deployment", ["replicas": 2],
                ["observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1], "waiting 1/2"
            ),
            ("Deployment", ["replicas": 0], ["observedGeneration": 2], "done 0/0"),
            (
                "Deployment", ["replicas": 2, "paused": true], ["observedGeneration": 2, "replicas": 2],
                "stalled paused"
            ),
            // Job.
            ("Job", ["completions": 2], ["succeeded": 1], "waiting 1/2"),
            ("Job", [:], ["succeeded": 1, "conditions": [["type": "Complete", "status": "True"]]], "done 1/1"),
            ("Job", ["suspend": true], [:], "stalled paused"),
        ] as [(String, JSONValue, JSONValue, String)])
    func aRolloutIsDoneWhenKubectlSaysSo(kind: String, spec: JSONValue, status: JSONValue, expected: String) {
        #expect(shown(RolloutState(RolloutTests.workload(kind, spec, status))) == expected)
    }

    // MARK: Waiting

    private static let ready: JSONValue = [
        "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
    ]

    private static func deployment(_ status: JSONValue, revision: String = "1", version: Int64 = 5) -> JSONValue {
        [
            "kind": "Deployment",
            "metadata": [
                "name": "api", "namespace": "n", "generation": 1, "resourceVersion": .string(String(version)),
                "annotations": ["deployment.kubernetes.io/revision": .string(revision)],
            ],
            "spec": ["replicas": 1], "status": status,
        ]
    }

    private static func replicaSet(_ name: String, revision: String) -> JSONValue {
        [
            "metadata": [
                "name": .string(name), "annotations": ["deployment.kubernetes.io/revision": .string(revision)],
                "ownerReferences": [["kind": "Deployment", "name": "api", "controller": true]],
            ]
        ]
    }

    private static func pod(_ name: String, of set: String, _ status: JSONValue) -> JSONValue {
        [
            "metadata": [
                "name": .string(name), "namespace": "n",
                "ownerReferences": [["kind": "ReplicaSet", "name": .string(set), "controller": true]],
            ], "status": status,
        ]
    }

    private static func waiting(_ reason: String, restarts: Int64 = 0, _ message: String = "why") -> JSONValue {
        [
            "containerStatuses": [
                [
                    "name": "api", "restartCount": .int(restarts),
                    "state": ["waiting": ["reason": .string(reason), "message": .string(message)]],
                    "lastState": ["terminated": ["exitCode": 137, "reason": "OOMKilled"]],
                ]
            ]
        ]
    }

    private static let unschedulable: JSONValue = [
        "conditions": [
            [
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/3 nodes are available",
            ]
        ]
    ]

    private static func event(_ type: String, _ object: JSONValue) -> String {
        JSONValue.object(["type": .string(type), "object": object]).canonicalText + "\n"
    }

    /// Waits for `Deployment/api` in a namespace of these objects; a watch of deployments gives `events`, which happen
    /// `after` something.
    private func wait(
        _ objects: [String: [JSONValue]], events: [String] = [], logs: String? = nil,
        workloads: JSONValue = ["Deployment/api"],
        time: any TimeSource = SystemTime(), progress: Recorder<String> = Recorder(),
        after: @escaping @Sendable () async -> Void = {},
        meanwhile: @escaping @Sendable () async -> Void = {}
    ) async throws -> (output: JSONValue?, error: ActionError?) {
        try await withCluster({ asked in
            let kind = asked.path.split(separator: "/").last.map(String.init) ?? ""
            if kind == "log" {
                return asked.query["previous"] == "true"
                    ? .text(logs ?? "", status: logs == nil ? 400 : 200) : .text("now")
            }
            if asked.query["watch"] == "true" {
                if kind == "deployments" { await after() }
                return .stream(kind == "deployments" ? events : [], end: .open)
            }
            return .json(["metadata": ["resourceVersion": "5"], "items": .array(objects[kind] ?? [])])
        }) { clusters in
            let made = try action(
                "kubernetes.rollout-wait", ["namespace": "n", "workloads": workloads], clusters: clusters)
            async let outcome: (JSONValue?, ActionError?) = {
                do {
                    return (try await made.perform(context(time: time) { progress.add($0) }), nil)
                } catch let error as ActionError { return (nil, error) }
            }()
            await meanwhile()
            return try await outcome
        }
    }

    @Test func itEndsWhenTheWatchShowsTheRolloutDone() async throws {
        let progress = Recorder<String>()
        let waited = try await wait(
            ["deployments": [RolloutTests.deployment(["observedGeneration": 0])]],
            events: [RolloutTests.event("MODIFIED", RolloutTests.deployment(RolloutTests.ready, version: 6))],
            progress: progress, after: { _ = await eventually { progress.all.isEmpty ? nil : true } })
        #expect(waited.output?["ready"] == 1)
        #expect(waited.output?["summary"] == "1 workload is ready, 1 of 1 pods")
        #expect(waited.output?["details"] == "Deployment/api 1/1")
        #expect(progress.all == ["api 0/1"])
    }

    @Test func withoutNamesAllWorkloadsAreWaitedForButNotThoseOfACronJob() async throws {
        let failed: JSONValue = [
            "metadata": ["name": "old", "ownerReferences": [["kind": "CronJob", "name": "c", "controller": true]]],
            "status": ["conditions": [["type": "Failed", "status": "True"]]],
        ]
        let waited = try await wait(
            ["deployments": [RolloutTests.deployment(RolloutTests.ready)], "jobs": [failed]], workloads: [])
        #expect(waited.output?["ready"] == 1)
    }

    @Test func aWorkloadThatIsNotThereOrGoesIsAnError() async throws {
        let none = try await wait([:])
        #expect(none.error?.message.contains("Deployment/api is not in namespace n") == true)
        let gone = try await wait(
            ["deployments": [RolloutTests.deployment([:])]],
            events: [RolloutTests.event("DELETED", RolloutTests.deployment([:], version: 6))])
        #expect(gone.error?.message.contains("Deployment/api is not in namespace n") == true)
    }

    @Test func anImageThatCannotBePulledIsNamedAtOnce() async throws {
        let waited = try await wait([
            "deployments": [RolloutTests.deployment(["observedGeneration": 1])],
            "replicasets": [RolloutTests.replicaSet("api-1", revision: "1")],
            "pods": [
                RolloutTests.pod(
                    "api-1-x", of: "api-1",
                    RolloutTests.waiting("ImagePullBackOff", "Back-off pulling image \"r/api:9\""))
            ],
        ])
        #expect(
            waited.error?.message
                == "Deployment n/api: pod api-1-x, container api, cannot pull its image (ImagePullBackOff): Back-off pulling image \"r/api:9\""
        )
        #expect(waited.error?.hint?.contains("image's name and tag") == true)
        #expect(waited.error?.retry == .never)
    }

    @Test func aCrashLoopComesWithTheLastLogLinesOfTheRunBefore() async throws {
        let waited = try await wait(
            [
                "deployments": [RolloutTests.deployment(["observedGeneration": 1])],
                "replicasets": [RolloutTests.replicaSet("api-1", revision: "1")],
                "pods": [
                    RolloutTests.pod("api-1-x", of: "api-1", RolloutTests.waiting("CrashLoopBackOff", restarts: 3))
                ],
                "events": [
                    [
                        "reason": "BackOff", "message": "Back-off restarting failed container", "count": 4,
                        "involvedObject": ["kind": "Pod", "name": "api-1-x"],
                    ]
                ],
            ], logs: "starting\nboom: no database\n")
        #expect(
            waited.error?.message.contains("crashes again and again, 3 restarts, last with exit code 137, OOMKilled")
                == true)
        #expect(waited.error?.hint?.contains("memory") == true)
        #expect(
            waited.error?.details
                == "last log lines of api:\nstarting\nboom: no database\n\nevents:\nBackOff: Back-off restarting failed container (4 times)"
        )
    }

    @Test func aPodOfTheOldRevisionIsNotThisRolloutsTrouble() async throws {
        let waited = try await wait(
            [
                "deployments": [RolloutTests.deployment(["observedGeneration": 1], revision: "2")],
                "replicasets": [
                    RolloutTests.replicaSet("api-1", revision: "1"), RolloutTests.replicaSet("api-2", revision: "2"),
                ],
                "pods": [
                    RolloutTests.pod("api-1-x", of: "api-1", RolloutTests.waiting("CrashLoopBackOff", restarts: 9))
                ],
            ],
            events: [
                RolloutTests.event("MODIFIED", RolloutTests.deployment(RolloutTests.ready, revision: "2", version: 6))
            ])
        #expect(waited.output?["ready"] == 1)
    }

    @Test func aFewCrashesAtTheStartAreNoStall() async throws {
        let waited = try await wait(
            [
                "deployments": [RolloutTests.deployment(["observedGeneration": 1])],
                "replicasets": [RolloutTests.replicaSet("api-1", revision: "1")],
                "pods": [
                    RolloutTests.pod("api-1-x", of: "api-1", RolloutTests.waiting("CrashLoopBackOff", restarts: 2))
                ],
            ], events: [RolloutTests.event("MODIFIED", RolloutTests.deployment(RolloutTests.ready, version: 6))])
        #expect(waited.output?["ready"] == 1)
    }

    @Test func aPodWithoutANodeIsNamedWhenItLasts() async throws {
        let time = VirtualTime()
        let progress = Recorder<String>()
        let waited = try await wait(
            [
                "deployments": [RolloutTests.deployment(["observedGeneration": 1])],
                "replicasets": [RolloutTests.replicaSet("api-1", revision: "1")],
                "pods": [RolloutTests.pod("api-1-x", of: "api-1", RolloutTests.unschedulable)],
            ], time: time, progress: progress,
            meanwhile: {
                _ = await eventually { progress.all.isEmpty ? nil : true }
                for _ in 0..<25 {
                    await time.untilSleeping(1)
                    time.advance(by: .seconds(5))
                    if time.now.timeIntervalSince1970 >= 1_790_000_120 { break }
                }
            })
        #expect(waited.error?.message == "Deployment n/api: pod api-1-x finds no node: 0/3 nodes are available")
        #expect(time.now.timeIntervalSince1970 >= 1_790_000_120)
    }

    @Test func aQuotaThatForbidsPodsIsNamedWhenItLasts() async throws {
        let time = VirtualTime()
        let progress = Recorder<String>()
        let status: JSONValue = [
            "observedGeneration": 1,
            "conditions": [
                [
                    "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                    "message": "exceeded quota: compute",
                ]
            ],
        ]
        let waited = try await wait(
            ["deployments": [RolloutTests.deployment(status)]], time: time, progress: progress,
            meanwhile: {
                _ = await eventually { progress.all.isEmpty ? nil : true }
                for _ in 0..<4 {
                    await time.untilSleeping(1)
                    time.advance(by: .seconds(5))
                }
            })
        #expect(waited.error?.message == "Deployment n/api: its pods are not created: exceeded quota: compute")
        #expect(waited.error?.hint?.contains("quota") == true)
    }

    @Test func aStatefulSetWithoutPodsIsExplainedByItsEvents() async throws {
        let time = VirtualTime()
        let progress = Recorder<String>()
        let set: JSONValue = [
            "metadata": ["name": "db", "generation": 1, "uid": "u"], "spec": ["replicas": 1],
            "status": ["observedGeneration": 1],
        ]
        let event: JSONValue = [
            "reason": "FailedCreate", "message": "exceeded quota: compute", "count": 3,
            "lastTimestamp": .string(time.now.formatted(.iso8601)),
            "involvedObject": ["kind": "StatefulSet", "name": "db", "uid": "u"],
        ]
        let waited = try await wait(
            ["statefulsets": [set], "events": [event]], workloads: ["StatefulSet/db"], time: time, progress: progress,
            meanwhile: {
                _ = await eventually { progress.all.isEmpty ? nil : true }
                await time.untilSleeping(1)
                time.advance(by: .seconds(5))
            })
        #expect(waited.error?.message.contains("its pods are not created: exceeded quota: compute") == true)
    }

    @Test(arguments: ["api", "Pod/api", "Deployment/", "Deployment/a/b"])
    func whatIsNoWorkloadIsAProblem(text: String) {
        #expect(throws: Problem.self) {
            try action(
                "kubernetes.rollout-wait", ["namespace": "n", "workloads": [.string(text)]],
                clusters: ClusterDirectory())
        }
    }

    @Test func aCancelledWaitEnds() async throws {
        let progress = Recorder<String>()
        try await withCluster({ asked in
            if asked.query["watch"] == "true" { return .stream([], end: .open) }
            let isDeployments = asked.path.hasSuffix("deployments")
            return .json([
                "metadata": ["resourceVersion": "5"], "items": isDeployments ? [RolloutTests.deployment([:])] : [],
            ])
        }) { clusters in
            let made = try action("kubernetes.rollout-wait", ["namespace": "n"], clusters: clusters)
            let task = Task { try await made.perform(context { progress.add($0) }) }
            _ = await eventually { progress.all.isEmpty ? nil : true }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
