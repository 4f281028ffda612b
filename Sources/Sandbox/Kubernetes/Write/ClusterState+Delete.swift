import Domain
import Foundation

extension ClusterState {
    /// What became of an object that was to be deleted.
    enum Deletion: Sendable {
        case gone(KubernetesObject)
        /// It ends later: a pod's grace period, finalizers, a namespace's content.
        case underway(KubernetesObject)
    }

    /// DELETE. Throws 409 when a precondition does not hold, or when the namespace is ending already.
    mutating func delete(_ kind: ResourceKind, _ live: KubernetesObject, _ options: DeleteOptions, now: Date) throws
        -> Deletion
    {
        if let uid = options.uid, uid != live.uid {
            throw KubernetesStatus.conflict(
                kind, live.name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(live.uid)")
        }
        if let version = options.resourceVersion, version != live.resourceVersion {
            throw KubernetesStatus.conflict(
                kind, live.name,
                "Precondition failed: ResourceVersion in precondition: \(version), ResourceVersion in object meta: "
                    + live.resourceVersion)
        }
        return switch kind {
        case .namespace: try deleteNamespace(live, now: now)
        case .pod: deletePod(live, grace: options.gracePeriodSeconds, now: now)
        default: deleteOther(kind, live, options.propagation, now: now)
        }
    }

    private mutating func deleteNamespace(_ live: KubernetesObject, now: Date) throws -> Deletion {
        guard !live.isDeleting else {
            throw KubernetesStatus.conflict(
                .namespace, live.name,
                "The system is ensuring all content is removed from this namespace.  Upon completion, this namespace "
                    + "will automatically be purged by the system.")
        }
        guard !["default", "kube-system", "kube-public"].contains(live.name) else {
            throw KubernetesStatus.forbidden(.namespace, live.name, "this namespace may not be deleted")
        }
        var ending = live
        ending["metadata", "deletionTimestamp"] = KubernetesTime.text(now)
        ending["status", "phase"] = "Terminating"
        return .underway(put(.namespace, ending))
    }

    private mutating func deletePod(_ live: KubernetesObject, grace: Int?, now: Date) -> Deletion {
        let seconds = grace ?? live["spec", "terminationGracePeriodSeconds"]?.intValue ?? 30
        let isEnded = ["Succeeded", "Failed"].contains(live.phase) || live["spec", "nodeName"] == nil
        if (seconds == 0 || isEnded), live.finalizers.isEmpty {
            remove(.pod, live)
            return .gone(live)
        }
        guard !live.isDeleting else { return .underway(live) }
        var ending = live
        ending["metadata", "deletionTimestamp"] = KubernetesTime.text(now.addingTimeInterval(Double(seconds)))
        ending["metadata", "deletionGracePeriodSeconds"] = .int(Int64(seconds))
        runtimes[live.uid, default: PodRuntime()].stoppingSince = now
        return .underway(put(.pod, ending))
    }

    private mutating func deleteOther(
        _ kind: ResourceKind, _ live: KubernetesObject, _ propagation: DeleteOptions.Propagation, now: Date
    ) -> Deletion {
        var ending = live
        switch propagation {
        case .foreground where !live.finalizers.contains("foregroundDeletion"):
            ending.finalizers.append("foregroundDeletion")
        case .orphan: orphan(live)
        default: break
        }
        if kind == .customResourceDefinition, !live.isDeleting, let custom = ResourceKind(live), !list(custom).isEmpty {
            ending.finalizers.append(ClusterState.definitionFinalizer)
        }
        if ending.finalizers.isEmpty {
            remove(kind, live)
            return .gone(live)
        }
        if !live.isDeleting {
            ending["metadata", "deletionTimestamp"] = KubernetesTime.text(now)
            ending["metadata", "deletionGracePeriodSeconds"] = 0
            if kind.countsGeneration { ending["metadata", "generation"] = .int(Int64(live.generation + 1)) }
        }
        return .underway(ending == live ? live : put(kind, ending))
    }

    /// Dependents forget their owner and stay.
    private mutating func orphan(_ owner: KubernetesObject) {
        for (kind, dependent) in dependents(of: owner.uid) {
            var freed = dependent
            let rest = dependent.owners.filter { $0["uid"]?.stringValue != owner.uid }
            freed["metadata", "ownerReferences"] = rest.isEmpty ? nil : .array(rest)
            put(kind, freed)
        }
    }

    /// Objects that name an owner.
    func dependents(of uid: String) -> [(ResourceKind, KubernetesObject)] {
        objects.flatMap { kind, all in
            all.values.filter { $0.owners.contains { $0["uid"]?.stringValue == uid } }.map { (kind, $0) }
        }
    }
}
