import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct ReportTests {
    private static let owner: JSONValue = [["kind": "ReplicaSet", "name": "api-1", "controller": true]]
    private static let pod: JSONValue = [
        "kind": "Pod", "metadata": ["name": "api-1-x", "namespace": "n", "ownerReferences": owner],
        "status": [
            "phase": "Running",
            "containerStatuses": [
                ["name": "sidecar", "restartCount": 0, "ready": true, "state": ["running": [:]]],
                [
                    "name": "api", "restartCount": 4, "ready": false,
                    "state": ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off 40s"]],
                    "lastState": [
                        "terminated": ["exitCode": 1, "reason": "Error", "finishedAt": "2026-03-01T10:05:01Z"]
                    ],
                ],
            ],
        ],
    ]

    @Test(arguments: [(16_384, "log: <secret>…\n"), (16_383, "hunter2-and-m\n")])
    func `A log that is cut at its bound ends with a mark, by which a secret that was cut with it is known`(
        length: Int, expected: String
    ) async throws {
        let end = "\nlog: hunter2-and-m"
        let store = ObjectStore { asked in
            guard asked.path.hasSuffix("/log") else { return nil }
            #expect(asked.query["limitBytes"] == "16384")
            return .text(String(repeating: "x", count: length - end.utf8.count) + end)
        }
        store.put(ReportTests.pod, at: "/api/v1/namespaces/n/pods/api-1-x")
        store.put(
            ["reason": "BackOff", "message": "Back-off", "involvedObject": ["kind": "Pod", "name": "api-1-x"]],
            at: "/api/v1/namespaces/n/events/e")
        let output = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.pod-report", ["namespace": "n", "pod": "api-1-x"], clusters: clusters)
            return try await made.perform(context())
        }
        let redactor = Redactor()
        redactor.add(Secret("hunter2-and-more"))
        let details = redactor.redact(try #require(output["details"]?.stringValue))
        #expect(details.contains(expected), "\(details.suffix(200))")
    }

    @Test func aPodsReportSaysWhatWhoseAndWhy() async throws {
        let store = ObjectStore { asked in
            guard asked.path.hasSuffix("/log") else { return nil }
            #expect(asked.query["container"] == "api")
            #expect(asked.query["tailLines"] == "20")
            return asked.query["previous"] == "true" ? .text("boom\n") : .failure(500, "InternalError")
        }
        store.put(ReportTests.pod, at: "/api/v1/namespaces/n/pods/api-1-x")
        store.put(
            [
                "metadata": [
                    "name": "api-1", "ownerReferences": [["kind": "Deployment", "name": "api", "controller": true]],
                ]
            ],
            at: "/apis/apps/v1/namespaces/n/replicasets/api-1")
        store.put(
            ["reason": "BackOff", "message": "Back-off", "involvedObject": ["kind": "Pod", "name": "api-1-x"]],
            at: "/api/v1/namespaces/n/events/e")
        let output = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.pod-report", ["namespace": "n", "pod": "api-1-x"], clusters: clusters)
            return try await made.perform(context())
        }
        #expect(output["reason"] == "CrashLoopBackOff")
        #expect(output["workload_kind"] == "Deployment")
        #expect(output["workload_name"] == "api")
        #expect(output["summary"] == "api-1-x of Deployment/api: CrashLoopBackOff, 4 restarts")
        let details = try #require(output["details"]?.stringValue)
        #expect(details.contains("container sidecar: running, ready"))
        #expect(
            details.contains(
                "container api: waiting, CrashLoopBackOff: back-off 40s; ended before with exit code 1, Error, at 2026-03-01T10:05:01Z"
            ))
        #expect(details.contains("last log lines of api:\nboom"))
        #expect(details.hasSuffix("events:\nBackOff: Back-off"))
    }

    @Test func aNamespacesStatusShowsWorkloadsEndpointsAndTrouble() async throws {
        let store = ObjectStore()
        store.put(["kind": "Namespace", "metadata": ["name": "n"]], at: "/api/v1/namespaces/n")
        store.put(ReportTests.pod, at: "/api/v1/namespaces/n/pods/api-1-x")
        store.put(
            [
                "metadata": ["name": "api", "generation": 1],
                "spec": [
                    "replicas": 2,
                    "template": [
                        "spec": ["containers": [["name": "api", "image": "reg.test/team/api:1.2@sha256:00"]]]
                    ],
                ],
                "status": ["observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1],
            ], at: "/apis/apps/v1/namespaces/n/deployments/api")
        store.put(
            ["metadata": ["name": "api"], "spec": ["ports": [["port": 8002]]]], at: "/api/v1/namespaces/n/services/api")
        store.put(
            [
                "metadata": ["name": "api"],
                "spec": ["rules": [["host": "a.test"], ["host": "b.test"]], "tls": [["hosts": ["a.test"]]]],
            ], at: "/apis/networking.k8s.io/v1/namespaces/n/ingresses/api")
        let blocks = try await withCluster({ store.answer($0) }) { clusters in
            try await NamespaceStatus(clusters: clusters).status(cluster: "test", namespace: "n")
        }
        try #require(blocks.count == 3)
        #expect(blocks[0] == .fields([.init("Deployment/api", "1/2, rolling out · api:1.2")]))
        #expect(
            blocks[1]
                == .fields([.init("Service/api", "api.n:8002"), .init("Ingress/api", "https://a.test, http://b.test")]))
        guard case .code(let text) = blocks[2] else { throw CocoaError(.featureUnsupported) }
        #expect(text.hasPrefix("api-1-x: CrashLoopBackOff, 4 restarts"))
    }

    @Test func aNamespaceThatIsNotThereIsSaid() async throws {
        let store = ObjectStore()
        let blocks = try await withCluster({ store.answer($0) }) { clusters in
            try await NamespaceStatus(clusters: clusters).status(cluster: "test", namespace: "n")
        }
        #expect(blocks == [.text("There is no namespace n in cluster test.")])
    }
}
