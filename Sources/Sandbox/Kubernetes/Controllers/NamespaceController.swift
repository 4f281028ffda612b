import Domain
import Foundation

extension ClusterState {
    /// The namespaces that every cluster has.
    mutating func addSystemNamespaces(now: Date) {
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            let object = KubernetesObject([
                "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)],
            ])
            // A fresh state refuses none of them.
            _ = try? create(.namespace, object, .controller(now))
        }
    }

    mutating func reconcileNamespaces(_ pass: inout ControlPass) {
        for namespace in list(.namespace) {
            if namespace.isDeleting {
                empty(namespace, &pass)
            } else {
                fill(namespace, pass)
            }
        }
    }

    /// What is in every namespace.
    private mutating func fill(_ namespace: KubernetesObject, _ pass: ControlPass) {
        let parts: [(ResourceKind, String, JSONValue)] = [
            (.serviceAccount, "default", [:]),
            (
                .configMap, "kube-root-ca.crt",
                ["data": ["ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"]]
            ),
        ]
        for (kind, name, content) in parts where object(kind, namespace.name, name) == nil {
            var object = KubernetesObject(content)
            object["metadata"] = ["name": .string(name), "namespace": .string(namespace.name)]
            // Nothing in it can be refused, and a namespace that ends meanwhile needs none.
            _ = try? create(kind, object, .controller(pass.now))
        }
    }

    /// Deletes the content of an ending namespace, then the namespace.
    private mutating func empty(_ namespace: KubernetesObject, _ pass: inout ControlPass) {
        let since = progress[namespace.uid] ?? pass.now
        progress[namespace.uid] = since
        var remaining: [ResourceKind: [KubernetesObject]] = [:]
        for kind in kinds.all where kind.isNamespaced {
            for object in list(kind, namespace: namespace.name) {
                // Without preconditions a deletion is refused for namespaces only.
                if !object.isDeleting { _ = try? delete(kind, object, DeleteOptions(), now: pass.now) }
            }
            let rest = list(kind, namespace: namespace.name)
            if !rest.isEmpty { remaining[kind] = rest }
        }
        if remaining.isEmpty {
            // Seen as terminating for a moment, as in a real cluster.
            if pass.hasPassed(pass.timing.namespaceEnd, since: since), namespace.finalizers.isEmpty {
                remove(.namespace, namespace)
            }
            return
        }
        writeRemaining(namespace, remaining, pass)
    }

    private mutating func writeRemaining(
        _ namespace: KubernetesObject, _ remaining: [ResourceKind: [KubernetesObject]], _ pass: ControlPass
    ) {
        let counts = remaining.map { "\($0.key.qualifiedPlural). has \($0.value.count) resource instances" }.sorted()
        var shown = namespace
        shown["status", "conditions"] = .array(
            ClusterState.conditions(
                shown, setting: "NamespaceContentRemaining", "True", reason: "SomeResourcesRemain",
                message: "Some resources are remaining: \(counts.joined(separator: ", "))", now: pass.now))
        var finalizers: [String: Int] = [:]
        for object in remaining.values.joined() {
            for finalizer in object.finalizers { finalizers[finalizer, default: 0] += 1 }
        }
        let texts = finalizers.map { "\($0.key) in \($0.value) resource instances" }.sorted()
        shown["status", "conditions"] = .array(
            ClusterState.conditions(
                shown, setting: "NamespaceFinalizersRemaining", texts.isEmpty ? "False" : "True",
                reason: texts.isEmpty ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                message: texts.isEmpty
                    ? "All content-preserving finalizers finished"
                    : "Some content in the namespace has finalizers remaining: \(texts.joined(separator: ", "))",
                now: pass.now))
        setStatus(.namespace, namespace, ["conditions": shown["status", "conditions"]], now: pass.now)
    }
}
