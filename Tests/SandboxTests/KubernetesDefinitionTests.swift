import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// CustomResourceDefinitions and the kinds that they add.
struct KubernetesDefinitionTests {
    static let definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.acme.test}
        spec:
          group: acme.test
          scope: Namespaced
          names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wd]}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            subresources: {status: {}}
        """
    private static let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.acme.test"
    private static let widget =
        "{apiVersion: acme.test/v1, kind: Widget, metadata: {name: one}, spec: {size: 1}, status: {x: 1}}"
    private static let widgetPath = "/apis/acme.test/v1/namespaces/default/widgets/one"

    private static func isEstablished(_ definition: JSONValue) -> Bool {
        definition.at(path: "status.conditions")?.arrayValue?.contains {
            $0["type"] == "Established" && $0["status"] == "True"
        } ?? false
    }

    private static func define(_ cluster: KubernetesCluster, _ text: String = definition) async throws {
        #expect(try await cluster.apply(path, text).status == 201)
        try await cluster.wait(
            "apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.acme.test", namespace: "", isEstablished)
    }

    @Test func aKindIsServedWhenItsDefinitionIsEstablishedAndNotBefore() async throws {
        try await KubernetesCluster.run({ $0.timing.podStart = .milliseconds(300) }) { cluster in
            #expect(try await cluster.send("GET", "/apis/acme.test/v1").status == 404)
            #expect(try await cluster.apply(Self.path, Self.definition).status == 201)
            #expect(try await cluster.apply(Self.widgetPath, Self.widget).status == 404)
            try await cluster.wait(
                "apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.acme.test", namespace: "",
                Self.isEstablished)
            let list = try await cluster.send("GET", "/apis/acme.test/v1").json
            #expect(list.at(path: "resources.0.kind") == "Widget")
            let groups = try await cluster.send("GET", "/apis").json["groups"]?.arrayValue ?? []
            #expect(groups.contains { $0["name"] == "acme.test" })
            let made = try await cluster.apply(Self.widgetPath, Self.widget)
            #expect(made.status == 201)
            // Of a kind with a status of its own a request to the object sets none.
            #expect(made.json["status"] == nil)
            #expect(made.json.at(path: "metadata.generation") == 1)
            #expect(try await cluster.send("GET", "/apis/acme.test/v1/widgets").json["items"]?.arrayValue?.count == 1)
        }
    }

    @Test func aKindWithoutNamespacesHasNone() async throws {
        try await KubernetesCluster.run { cluster in
            try await Self.define(cluster, Self.definition.replacing("Namespaced", with: "Cluster"))
            #expect(try await cluster.apply("/apis/acme.test/v1/widgets/one", Self.widget).status == 201)
            #expect(try await cluster.apply(Self.widgetPath, Self.widget).status == 404)
        }
    }

    @Test func withItsDefinitionAKindAndItsObjectsGo() async throws {
        try await KubernetesCluster.run { cluster in
            try await Self.define(cluster)
            try await cluster.apply(Self.widgetPath, Self.widget)
            #expect(try await cluster.send("DELETE", Self.path).status == 200)
            let gone: Bool? = await eventually {
                cluster.object(
                    "apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.acme.test", namespace: "")
                    == nil ? true : nil
            }
            #expect(gone == true)
            #expect(try await cluster.send("GET", Self.widgetPath).status == 404)
            #expect(try await cluster.send("GET", "/apis/acme.test/v1").status == 404)
            try await Self.define(cluster)
            #expect(try await cluster.send("GET", Self.widgetPath).status == 404)
        }
    }

    @Test(
        arguments: [
            ("name: widgets.acme.test", "name: wodgets.acme.test", 422, "metadata.name"),
            ("storage: true", "storage: false", 422, "exactly one version marked as storage"),
            ("plural: widgets, ", "", 422, "spec.names.plural"),
            ("scope: Namespaced", "scope: Everywhere", 422, "spec.scope"),
            ("schema:", "scheme:", 422, "schemas are required"),
            (
                "  versions:\n",
                "  versions:\n  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {}}}\n",
                501, "does not convert"
            ),
        ])
    func whatIsNoDefinitionOrNotServedIsRefused(old: String, new: String, status: Int, words: String) async throws {
        try await KubernetesCluster.run { cluster in
            let text = Self.definition.replacing(old, with: new)
            #expect(text != Self.definition)
            let name = text.contains("wodgets") ? "wodgets.acme.test" : "widgets.acme.test"
            let answer = try await cluster.apply(
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/\(name)", text)
            #expect(answer.status == status)
            #expect(answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.json)")
        }
    }

    @Test func listsOfCustomKindsDoNotMergeStrategically() async throws {
        try await KubernetesCluster.run { cluster in
            try await Self.define(cluster)
            try await cluster.apply(Self.widgetPath, Self.widget)
            for (type, status) in [("strategic-merge-patch", 415), ("merge-patch", 200)] {
                let answer = try await cluster.send(
                    "PATCH", Self.widgetPath, #"{"spec":{"size":2}}"#, type: "application/\(type)+json")
                #expect(answer.status == status)
            }
        }
    }

    @Test(.enabled(if: KubernetesKubectl.isThere)) func kubectlDefinesAKindAndWorksWithItsObjects() async throws {
        try await KubernetesCluster.run { cluster in
            let kubectl = try KubernetesKubectl(kubeconfig: try await cluster.standIn.kubeconfig())
            let defined = try await kubectl("apply", "--server-side", "-f", "-", input: Self.definition)
            #expect(defined.status == 0, "\(defined.errors)")
            let waited = try await kubectl(
                "wait", "--for=condition=Established", "crd/widgets.acme.test", "--timeout=30s")
            #expect(waited.status == 0, "\(waited.errors)")
            #expect(try await kubectl("get", "crd", "-o", "name").output.contains("/widgets.acme.test"))
            #expect(try await kubectl("get", "crd", "--no-headers").output.contains("widgets.acme.test"))
            let applied = try await kubectl("apply", "--server-side", "-f", "-", input: Self.widget)
            #expect(applied.status == 0, "\(applied.errors)")
            let shown = try await kubectl("get", "wd", "one", "-o", "jsonpath={.spec.size}")
            #expect(shown.output == "1", "\(shown.errors)")
            let patched = try await kubectl("patch", "widget", "one", "--type=merge", "-p", #"{"spec":{"size":5}}"#)
            #expect(patched.status == 0, "\(patched.errors)")
            let deleted = try await kubectl("delete", "crd", "widgets.acme.test", "--timeout=30s")
            #expect(deleted.status == 0, "\(deleted.errors)")
            #expect(try await kubectl("get", "wd").status == 1)
        }
    }
}
