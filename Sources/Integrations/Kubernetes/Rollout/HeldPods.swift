import Domain

/// Pods that hold a rollout up: a StatefulSet in order waits until each of its pods is ready before it replaces any, which
/// a broken one never is (kubernetes.io, "StatefulSets", "Forced rollback"). They are deleted, gracefully, as people do by
/// hand; the controller makes them anew from the new template.
struct HeldPods: Sendable {
    /// How often the controller is asked whether it has seen the new template, once a second.
    static let looks = 15

    var client: KubernetesClient
    var namespace: String
    var name: String
    var time: any TimeSource

    /// Names of the pods that were deleted; none where the bot may not delete pods, since the rollout's wait then says what
    /// to do. Throws `KubernetesError`, or `CancellationError`.
    func release() async throws -> [String] {
        var set = try await client.get(.statefulSets, namespace: namespace, name: name)
        guard set.text("spec", "podManagementPolicy") != "Parallel",
            set.text("spec", "updateStrategy", "type") != "OnDelete", set.text("status", "updateRevision") != nil
        else { return [] }
        for _ in 0..<HeldPods.looks where !set.isObserved {
            try await time.sleep(for: .seconds(1))
            set = try await client.get(.statefulSets, namespace: namespace, name: name)
        }
        guard set.isObserved, let revision = set.text("status", "updateRevision") else { return [] }
        let labels = WorkloadPods.selector(set["spec", "selector"])
        let pods = try await client.list(.pods, namespace: namespace, labels: labels).objects
        var released: [String] = []
        for pod in pods where isHolding(pod, revision, set) {
            do {
                try await client.delete(.pods, namespace: namespace, name: pod.name, uid: pod.uid)
                released.append(pod.name)
            } catch let error as KubernetesError where error.status == 404 || error.status == 409 {
                continue  // gone, or another one of its name already
            } catch let error as KubernetesError where error.status == 403 {
                return released
            }
        }
        return released
    }

    private func isHolding(_ pod: ClusterObject, _ revision: String, _ set: ClusterObject) -> Bool {
        pod.controller?.kind == "StatefulSet" && pod.controller?.name == set.name && !pod.isBeingDeleted
            && pod.labels["controller-revision-hash"] != revision && pod.condition("Ready")?.isTrue != true
    }
}
