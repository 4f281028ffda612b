import Domain
import Foundation

extension ClusterState {
    /// On a definition that is deleted while it has objects: they go first (`apiextensions-apiserver`, finalizer).
    static let definitionFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// Accepts the names of new definitions and serves their kinds a moment after they were made; empties those that are
    /// being deleted.
    mutating func reconcileDefinitions(_ pass: inout ControlPass) {
        for definition in list(.customResourceDefinition) {
            if definition.isDeleting {
                empty(definition, pass)
                continue
            }
            if definition.condition("Established")?["status"] == "True" { continue }
            let since = progress[definition.uid] ?? pass.now
            progress[definition.uid] = since
            guard pass.hasPassed(pass.timing.podStart, since: since) else { continue }
            if let taken = taken(definition) {
                accept(definition, "False", taken, "False", "NotAccepted", "not all names are accepted", pass)
            } else {
                accept(
                    definition, "True", ("NoConflicts", "no conflicts found"), "True", "InitialNamesAccepted",
                    "the initial names have been accepted", pass)
            }
        }
    }

    /// Which of its names another definition of the group has already.
    private func taken(_ definition: KubernetesObject) -> (reason: String, message: String)? {
        let kind = definition["spec", "names", "kind"]?.stringValue ?? ""
        let group = definition["spec", "group"]?.stringValue
        let isTaken = kinds.all.contains { other in
            other.group == group && other.kind == kind
                && other.plural != definition["spec", "names", "plural"]?.stringValue
        }
        return isTaken ? ("KindConflict", "\"\(kind)\" is already in use") : nil
    }

    private mutating func accept(
        _ definition: KubernetesObject, _ names: String, _ why: (reason: String, message: String),
        _ isEstablished: String,
        _ reason: String, _ message: String, _ pass: ControlPass
    ) {
        var shown = definition
        shown["status", "conditions"] = .array(
            ClusterState.conditions(
                shown, setting: "NamesAccepted", names, reason: why.reason, message: why.message, now: pass.now))
        shown["status", "conditions"] = .array(
            ClusterState.conditions(
                shown, setting: "Established", isEstablished, reason: reason, message: message, now: pass.now))
        let versions = definition["spec", "versions"]?.arrayValue ?? []
        setStatus(
            .customResourceDefinition, definition,
            [
                "conditions": shown["status", "conditions"],
                "acceptedNames": names == "True" ? definition["spec", "names"] : ["plural": "", "kind": ""],
                "storedVersions": .array(versions.filter { $0["storage"] == true }.compactMap { $0["name"] }),
            ], now: pass.now)
    }

    private mutating func empty(_ definition: KubernetesObject, _ pass: ControlPass) {
        if let kind = ResourceKind(definition) {
            for object in list(kind) where !object.isDeleting {
                // Without preconditions a deletion is refused for namespaces only.
                _ = try? delete(kind, object, DeleteOptions(), now: pass.now)
            }
            guard list(kind).isEmpty else { return }
        }
        guard definition.finalizers.contains(ClusterState.definitionFinalizer) else { return }
        control(.customResourceDefinition, definition, now: pass.now) { object in
            object.finalizers.removeAll { $0 == ClusterState.definitionFinalizer }
        }
    }
}
