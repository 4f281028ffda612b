import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(3)))
struct ReadinessTests {
    private static func condition(
        _ type: String, _ status: String, _ reason: String = "", _ message: String = ""
    ) -> JSONValue {
        [
            "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
        ]
    }

    private static func object(_ kind: String, _ spec: JSONValue, _ status: JSONValue, generation: Int64 = 2)
        -> ClusterObject
    {
        ClusterObject([
            "kind": .string(kind), "metadata": ["name": "o", "namespace": "n", "generation": .int(generation)],
            "spec": spec, "status": status,
        ])
    }

    private static let claim: JSONValue = ["resources": ["requests": ["storage": "20Gi"]]]

    @Test(
        arguments: [
            ("Pod", [:], ["phase": "Running", "conditions": [condition("Ready", "True")]], .ready("it is ready")),
            (
                "Pod", [:],
                ["phase": "Running", "conditions": [condition("Ready", "False", "ContainersNotReady", "db")]],
                .waiting("ContainersNotReady: db")
            ),
            ("Pod", [:], ["phase": "Pending"], .waiting("it says nothing yet")),
            ("Pod", [:], ["phase": "Succeeded"], .ready("it has succeeded")),
            (
                "Pod", [:], ["phase": "Failed", "reason": "Evicted", "message": "low on memory"],
                .never("it has failed: Evicted: low on memory", hint: "look at its log, and let it be made anew")
            ),
            ("PersistentVolumeClaim", claim, ["phase": "Pending"], .waiting("no volume is bound yet")),
            (
                "PersistentVolumeClaim", claim, ["phase": "Bound", "capacity": ["storage": "20Gi"]],
                .ready("its volume is bound")
            ),
            (
                "PersistentVolumeClaim", claim, ["phase": "Bound", "capacity": ["storage": "10Gi"]],
                .waiting("its volume is smaller than it asks for")
            ),
            (
                "PersistentVolumeClaim", claim,
                [
                    "phase": "Bound", "capacity": ["storage": "10Gi"],
                    "conditions": [condition("FileSystemResizePending", "True", "", "waiting for the node")],
                ], .waiting("waiting for the node")
            ),
            (
                "PersistentVolumeClaim", claim, ["phase": "Lost"],
                .never("its volume is gone", hint: "restore it from a snapshot or a backup")
            ),
            ("Service", ["type": "ClusterIP"], [:], .ready("it needs no load balancer")),
            ("Service", ["type": "LoadBalancer"], ["loadBalancer": [:]], .waiting("no load balancer yet")),
            (
                "Service", ["type": "LoadBalancer"],
                ["loadBalancer": ["ingress": [["ip": "192.0.2.1"], ["hostname": "lb.example"]]]],
                .ready("192.0.2.1, lb.example")
            ),
            ("Ingress", [:], [:], .waiting("no address yet")),
            (
                "CustomResourceDefinition", [:], ["conditions": [condition("Established", "True")]],
                .ready("it is established")
            ),
            ("CustomResourceDefinition", [:], [:], .waiting("it is not established yet")),
            (
                "CustomResourceDefinition", [:],
                ["conditions": [condition("NamesAccepted", "False", "PluralConflict", "things is taken")]],
                .never("its names are not accepted: things is taken", hint: "give it names that nothing else has")
            ),
            ("Namespace", [:], ["phase": "Active"], .ready("it is Active")),
            ("Namespace", [:], ["phase": "Terminating"], .waiting("it is Terminating")),
            (
                "HorizontalPodAutoscaler", [:],
                ["conditions": [condition("AbleToScale", "True"), condition("ScalingActive", "True")]],
                .ready("it scales")
            ),
            (
                "HorizontalPodAutoscaler", [:],
                [
                    "conditions": [
                        condition("AbleToScale", "True"),
                        condition("ScalingActive", "False", "FailedGetResourceMetric", "no metrics"),
                    ]
                ], .waiting("FailedGetResourceMetric: no metrics")
            ),
            (
                "HorizontalPodAutoscaler", [:],
                [
                    "conditions": [
                        condition("AbleToScale", "True"), condition("ScalingActive", "False", "ScalingDisabled"),
                    ]
                ], .ready("it scales")
            ),
            ("HorizontalPodAutoscaler", [:], [:], .waiting("it has not looked yet")),
            ("Certificate", [:], ["conditions": [condition("Ready", "True")]], .ready("it is ready")),
            (
                "Certificate", [:], ["observedGeneration": 1, "conditions": [condition("Ready", "True")]],
                .waiting("its controller has not seen it yet")
            ),
            (
                "Certificate", [:], ["observedGeneration": 2, "conditions": [condition("Ready", "False", "Issuing")]],
                .waiting("Issuing")
            ),
            ("ConfigMap", [:], [:], .ready("it is there")),
            (
                "Deployment", ["replicas": 2], ["observedGeneration": 1, "availableReplicas": 2],
                .waiting("0/2")
            ),
        ] as [(String, JSONValue, JSONValue, Readiness)])
    func `each kind is ready as it defines it`(kind: String, spec: JSONValue, status: JSONValue, expected: Readiness) {
        #expect(Readiness(ReadinessTests.object(kind, spec, status)) == expected)
    }

    @Test func `what is being deleted is not ready`() {
        let object = ClusterObject([
            "kind": "ConfigMap", "metadata": ["name": "o", "deletionTimestamp": "2026-01-01T00:00:00Z"],
        ])
        #expect(Readiness(object) == .waiting("it is being deleted"))
    }

    @Test func `an object is waited for from before it is there until it is ready`() async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            let made = try action(
                "kubernetes.wait", ["kind": "PersistentVolumeClaim", "namespace": "n", "name": "data"],
                clusters: clusters)
            let progress = Recorder<String>()
            async let waited = made.perform(context { progress.add($0) })
            let isLooking: Bool? = await eventually { progress.all.contains("is not there yet") ? true : nil }
            #expect(isLooking == true)
            _ = try await client.create(
                .volumeClaims, namespace: "n",
                [
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                    "metadata": ["name": "data", "namespace": "n"],
                    "spec": [
                        "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                    ],
                ])
            #expect(try await waited["summary"] == "PersistentVolumeClaim n/data: its volume is bound")
        }
    }

    @Test func `several are waited for, and the one that is missing is named`() async throws {
        try await withStandIn { _, clusters in
            let client = try clusters.client("test")
            func make(_ name: String) async throws {
                _ = try await client.create(
                    .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
            }
            try await make("one")
            let made = try action(
                "kubernetes.wait", ["kind": "Namespace", "names": ["one", "two"]], clusters: clusters)
            let progress = Recorder<String>()
            async let waited = made.perform(context { progress.add($0) })
            let isLooking: Bool? = await eventually { progress.all.contains("two: is not there yet") ? true : nil }
            #expect(isLooking == true)
            try await make("two")
            let output = try await waited
            #expect(output["summary"] == "2 of kind Namespace are ready")
            #expect(output["details"] == "Namespace one: it is Active\nNamespace two: it is Active")
        }
        #expect(throws: Problem.self) {
            try action("kubernetes.wait", ["kind": "Namespace"], clusters: ClusterDirectory())
        }
    }

    @Test func `a kind that the cluster does not know, and a namespace that is missing, are told`() async throws {
        try await withStandIn { _, clusters in
            let unknown = try action(
                "kubernetes.wait", ["api_version": "x.example/v1", "kind": "Thing", "name": "o"], clusters: clusters)
            let first = await refusal { _ = try await unknown.perform(context()) }
            #expect(first?.message == "cluster test does not know Thing of x.example/v1")
            let lost = try action("kubernetes.wait", ["kind": "Service", "name": "o"], clusters: clusters)
            let second = await refusal { _ = try await lost.perform(context()) }
            #expect(second?.hint == "name it with 'namespace'")
        }
    }
}
