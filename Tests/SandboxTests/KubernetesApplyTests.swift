import Domain
import Sandbox
import TestSupport
import Testing

/// Server-side apply: who owns a field, what is removed, what conflicts.
@Suite struct KubernetesApplyTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"
    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"

    @Test func aFirstApplyMakesTheObjectAndTheSameAgainChangesNothing() async throws {
        try await KubernetesCluster.run { cluster in
            let first = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            let again = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            #expect(first.status == 201)
            #expect(again.status == 200)
            #expect(again.json == first.json)
            let fields = first.json.at(path: "metadata.managedFields.0")
            #expect(fields?["manager"] == "defimon")
            #expect(fields?["operation"] == "Apply")
            #expect(fields?["fieldsV1"] == ["f:data": ["f:x": [:]]])
        }
    }

    @Test func aFieldThatItsManagerNoLongerAppliesIsRemoved() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1', z: '2'}"))
            let after = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{z: '2'}"))
            #expect(after.json["data"] == ["z": "2"])
        }
    }

    @Test func aFieldThatAnotherManagerAppliesTooStays() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1', z: '2'}"))
            let other = try await cluster.apply(
                "\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"), manager: "other")
            #expect(other.status == 200)
            let after = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{z: '2'}"))
            #expect(after.json["data"] == ["x": "1", "z": "2"])
        }
    }

    @Test func aFieldOfAnotherManagerConflictsAndIsTakenByForce() async throws {
        try await KubernetesCluster.run { cluster in
            let path = "\(Self.deployments)/web"
            try await cluster.apply(path, KubernetesManifests.deployment("web"))
            let refused = try await cluster.apply(
                path, KubernetesManifests.deployment("web", replicas: 5, image: "registry.example.com/web:2"),
                manager: "helm")
            #expect(refused.status == 409)
            #expect(refused.json["reason"] == "Conflict")
            #expect(
                refused.json["message"]
                    == """
                    Apply failed with 2 conflicts: conflicts with "defimon":
                    - .spec.replicas
                    - .spec.template.spec.containers[name="web"].image
                    """)
            #expect(refused.json.at(path: "details.causes.0")?["reason"] == "FieldManagerConflict")
            let one = try await cluster.apply(path, KubernetesManifests.deployment("web", replicas: 5), manager: "helm")
            #expect(one.json["message"] == "Apply failed with 1 conflict: conflict with \"defimon\": .spec.replicas")
            let forced = try await cluster.apply(
                path, KubernetesManifests.deployment("web", replicas: 5), manager: "helm", force: true)
            #expect(forced.json.at(path: "spec.replicas") == 5)
            // Now it is the first manager who meets a conflict.
            #expect(try await cluster.apply(path, KubernetesManifests.deployment("web")).status == 409)
        }
    }

    @Test func anEditWithoutApplyTakesTheFieldToo() async throws {
        try await KubernetesCluster.run { cluster in
            let path = "\(Self.maps)/a"
            try await cluster.apply(path, KubernetesManifests.configMap("a", "{x: '1'}"))
            try await cluster.send(
                "PATCH", "\(path)?fieldManager=editor", #"{"data":{"x":"2"}}"#, type: "application/merge-patch+json")
            let refused = try await cluster.apply(path, KubernetesManifests.configMap("a", "{x: '1'}"))
            #expect(
                refused.json["message"] == "Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.x")
        }
    }

    @Test func listsMergeByTheirKeysAndKeepWhatOthersAdded() async throws {
        try await KubernetesCluster.run { cluster in
            let path = "\(Self.deployments)/web"
            try await cluster.apply(path, KubernetesManifests.deployment("web"))
            let sidecar = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec: {template: {spec: {containers: [{name: proxy, image: "registry.example.com/proxy:1"}]}}}
                """
            let added = try await cluster.apply(path, sidecar, manager: "mesh")
            let names = { (object: JSONValue) in
                object.at(path: "spec.template.spec.containers")?.arrayValue?.compactMap { $0["name"]?.stringValue }
            }
            #expect(names(added.json) == ["web", "proxy"])
            let again = try await cluster.apply(path, KubernetesManifests.deployment("web"))
            #expect(names(again.json) == ["web", "proxy"])
            let empty = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}"
            #expect(names(try await cluster.apply(path, empty, manager: "mesh").json) == ["web"])
        }
    }

    @Test func whatNobodyAppliedStaysBesideWhatIsRemoved() async throws {
        try await KubernetesCluster.run { cluster in
            let path = "\(Self.deployments)/web"
            try await cluster.apply(path, KubernetesManifests.deployment("web", replicas: 4))
            let without = try await cluster.apply(path, KubernetesManifests.deployment("web", replicas: nil))
            // The default comes back, and the other defaults have not moved.
            #expect(without.json.at(path: "spec.replicas") == 1)
            #expect(without.json.at(path: "spec.progressDeadlineSeconds") == 600)
        }
    }

    @Test func aDryRunAnswersAsIfAndChangesNothing() async throws {
        try await KubernetesCluster.run { cluster in
            let planned = try await cluster.apply(
                "\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"), dryRun: true)
            #expect(planned.status == 201)
            #expect(planned.json.at(path: "data.x") == "1")
            #expect(cluster.object("v1", "ConfigMap", "a") == nil)
            let made = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            let change = try await cluster.apply(
                "\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '2'}"), dryRun: true)
            #expect(change.json.at(path: "data.x") == "2")
            #expect(change.json.at(path: "metadata.resourceVersion") == made.json.at(path: "metadata.resourceVersion"))
            #expect(cluster.object("v1", "ConfigMap", "a") == made.json)
            let gone = try await cluster.send("DELETE", "\(Self.maps)/a?dryRun=All")
            #expect(gone.status == 200)
            #expect(cluster.object("v1", "ConfigMap", "a") == made.json)
        }
    }

    @Test func aManagerMustBeNamed() async throws {
        try await KubernetesCluster.run { cluster in
            let refused = try await cluster.send(
                "PATCH", "\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"),
                type: "application/apply-patch+yaml")
            #expect(refused.status == 422)
            #expect(
                refused.json["message"]
                    == "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"
            )
        }
    }

    @Test func aSecretsTextIsStoredAsData() async throws {
        try await KubernetesCluster.run { cluster in
            let made = try await cluster.apply(
                "/api/v1/namespaces/default/secrets/s",
                "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: abc}}")
            #expect(made.json["data"] == ["password": "YWJj"])
            #expect(made.json["stringData"] == nil)
            #expect(made.json["type"] == "Opaque")
        }
    }
}
