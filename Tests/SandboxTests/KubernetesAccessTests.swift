import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// What service accounts may do in the stand-in: RBAC as a cluster enforces it.
struct KubernetesAccessTests {
    private static let token = "token-of-ops-bot"

    private func run(_ body: @Sendable (KubernetesCluster) async throws -> Void) async throws {
        try await KubernetesCluster.run { cluster in
            for name in ["ops", "prod"] {
                try await cluster.send(
                    "POST", "/api/v1/namespaces",
                    #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\#(name)"}}"#)
            }
            cluster.standIn.register(
                Secret(KubernetesAccessTests.token), serviceAccount: "bot", namespace: "ops")
            try await body(cluster)
        }
    }

    private func asBot(
        _ cluster: KubernetesCluster, _ method: String, _ path: String, _ body: String? = nil,
        type: String = "application/json"
    ) async throws -> KubernetesCluster.Answer {
        try await cluster.send(
            method, path, body, type: type, headers: [("Authorization", "Bearer \(KubernetesAccessTests.token)")])
    }

    /// A role with these rules, and the account bound to it.
    private func grant(_ cluster: KubernetesCluster, _ rules: String, isClusterWide: Bool = false) async throws {
        let (prefix, scope) = (isClusterWide ? "Cluster" : "", isClusterWide ? "" : "namespaces/prod/")
        let base = "/apis/rbac.authorization.k8s.io/v1/\(scope)\(prefix.lowercased())"
        let version = #""apiVersion":"rbac.authorization.k8s.io/v1""#
        let role = try await cluster.apply(
            "\(base)roles/bot", #"{\#(version),"kind":"\#(prefix)Role","metadata":{"name":"bot"},"rules":\#(rules)}"#)
        #expect(role.status < 300, "\(role.json)")
        let binding = try await cluster.apply(
            "\(base)rolebindings/bot",
            #"""
            {\#(version),"kind":"\#(prefix)RoleBinding","metadata":{"name":"bot"},
            "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"\#(prefix)Role","name":"bot"},
            "subjects":[{"kind":"ServiceAccount","name":"bot","namespace":"ops"}]}
            """#)
        #expect(binding.status < 300, "\(binding.json)")
    }

    @Test(.enabled(if: WireData.isThere))
    func `a refusal is Kubernetes' own, word for word`() async throws {
        let bodies = try JSONValue(parsing: try WireData.bytes("kubernetes/status_bodies.json")).arrayValue ?? []
        let known = bodies.compactMap { $0["body"] }.filter {
            $0["message"]?.stringValue?.contains("system:serviceaccount:ops:bot") == true
        }
        #expect(known.count == 2)
        try await run { cluster in
            let answers = [
                try await asBot(cluster, "GET", "/apis/apps/v1/namespaces/prod/deployments"),
                try await asBot(cluster, "GET", "/api/v1/namespaces/prod/secrets/tls"),
            ]
            #expect(answers.map(\.status) == [403, 403])
            #expect(Set(answers.map(\.json)) == Set(known))
        }
    }

    @Test(
        arguments: [
            ("GET", "/api/v1/namespaces/prod/pods", "list pods"), ("GET", "/api/v1/pods?watch=true", "watch pods"),
            ("GET", "/api/v1/namespaces/prod/pods/a", "get pods"),
            ("GET", "/api/v1/namespaces/prod/pods/a/log", "get pods/log"),
            ("POST", "/api/v1/namespaces/prod/configmaps", "create configmaps"),
            ("PUT", "/api/v1/namespaces/prod/configmaps/a", "update configmaps"),
            ("PATCH", "/api/v1/namespaces/prod/configmaps/a", "patch configmaps"),
            ("DELETE", "/api/v1/namespaces/prod/configmaps/a", "delete configmaps"),
            ("DELETE", "/api/v1/namespaces/prod/configmaps", "deletecollection configmaps"),
            ("PATCH", "/apis/apps/v1/namespaces/prod/deployments/a/scale", "patch deployments/scale"),
        ])
    func `each method is a verb on a resource`(method: String, path: String, expected: String) async throws {
        try await run { cluster in
            let answer = try await asBot(cluster, method, path, method == "GET" ? nil : "{}")
            #expect(answer.status == 403)
            let parts = expected.split(separator: " ")
            let words = "cannot \(parts[0]) resource \"\(parts[1])\" in API group"
            #expect(answer.json["message"]?.stringValue?.contains(words) == true, "\(answer.json)")
            // The administrator goes on as before.
            #expect(try await cluster.send("GET", "/api/v1/namespaces/prod/pods").status == 200)
        }
    }

    @Test func `a Role allows in its namespace, a ClusterRole everywhere, names only themselves`() async throws {
        try await run { cluster in
            try await grant(
                cluster,
                #"[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"],"resourceNames":["mine"]},{"apiGroups":[""],"resources":["pods"],"verbs":["*"]}]"#
            )
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/prod/pods").status == 200)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/ops/pods").status == 403)
            #expect(try await asBot(cluster, "GET", "/api/v1/pods").status == 403)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/prod/secrets/mine").status == 404)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/prod/secrets/other").status == 403)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/prod/secrets").status == 403)
            try await grant(
                cluster, #"[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]"#, isClusterWide: true)
            #expect(try await asBot(cluster, "GET", "/api/v1/pods").status == 200)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/ops/pods").status == 200)
            #expect(
                cluster.standIn.accessUses == [
                    AccessUse(role: "Role prod/bot", verb: "list", group: "", resource: "pods"),
                    AccessUse(role: "Role prod/bot", verb: "get", group: "", resource: "secrets"),
                    AccessUse(role: "ClusterRole bot", verb: "list", group: "", resource: "pods"),
                ])
            #expect(cluster.standIn.accessRefusals.count == 4)
        }
    }

    @Test func `one namespace is in itself, and what there is to know everybody may read`() async throws {
        try await run { cluster in
            try await grant(cluster, #"[{"apiGroups":[""],"resources":["namespaces"],"verbs":["get"]}]"#)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/prod").status == 200)
            #expect(try await asBot(cluster, "GET", "/api/v1/namespaces/ops").status == 403)
            let all = try await asBot(cluster, "GET", "/api/v1/namespaces")
            #expect(all.json["message"]?.stringValue?.hasSuffix("at the cluster scope") == true)
            for path in ["/api", "/apis", "/apis/apps/v1", "/version", "/openapi/v3", "/healthz"] {
                #expect(try await asBot(cluster, "GET", path).status == 200, "\(path)")
            }
            let metrics = try await asBot(cluster, "GET", "/metrics")
            #expect(
                metrics.json["message"]
                    == #"forbidden: User "system:serviceaccount:ops:bot" cannot get path "/metrics""#)
        }
    }

    @Test func `applying what is not there needs to be allowed to create it too`() async throws {
        try await run { cluster in
            try await grant(cluster, #"[{"apiGroups":[""],"resources":["configmaps"],"verbs":["patch"]}]"#)
            let path = "/api/v1/namespaces/prod/configmaps/a?fieldManager=bot"
            let object = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}"#
            let apply = "application/apply-patch+yaml"
            let refused = try await asBot(cluster, "PATCH", path, object, type: apply)
            #expect(refused.status == 403)
            #expect(
                refused.json["message"]
                    == #"configmaps "a" is forbidden: User "system:serviceaccount:ops:bot" cannot create resource "configmaps" in API group "" in the namespace "prod""#
            )
            #expect(try await cluster.apply("/api/v1/namespaces/prod/configmaps/a", object).status == 201)
            #expect(try await asBot(cluster, "PATCH", path + "&force=true", object, type: apply).status == 200)
        }
    }

    @Test func `nobody grants what he does not have`() async throws {
        try await run { cluster in
            let rbac = #""apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"]"#
            try await grant(
                cluster,
                #"[{\#(rbac),"verbs":["create","patch"]},{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}]"#
            )
            func role(_ verbs: String) -> String {
                #"""
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"reader"},
                "rules":[{"apiGroups":[""],"resources":["pods"],"verbs":\#(verbs)}]}
                """#
            }
            let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/prod/roles/reader?fieldManager=bot"
            let apply = "application/apply-patch+yaml"
            #expect(try await asBot(cluster, "PATCH", path, role(#"["get","list"]"#), type: apply).status == 201)
            let refused = try await asBot(cluster, "PATCH", path, role(#"["get","watch"]"#), type: apply)
            #expect(refused.status == 403)
            let message = refused.json["message"]?.stringValue ?? ""
            #expect(message.contains("is attempting to grant RBAC permissions not currently held"))
            #expect(message.hasSuffix(#"{APIGroups:[""], Resources:["pods"], Verbs:["watch"]}"#))
        }
    }
}
