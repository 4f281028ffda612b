import Domain

/// The pods of a node, as a drain sees them: what moves, what stays, and what may not be moved
/// (kubectl `pkg/drain/filters.go`).
struct NodePods: Sendable {
    /// A pod that would be lost in whole or in part.
    struct Loss: Sendable {
        /// `pod analytics/x`, with what is lost.
        var text: String
        var isBare: Bool
    }

    /// Evicted, or ending already.
    private(set) var moving: [ClusterObject] = []
    /// Those of DaemonSets, and those that the node runs from its own files.
    private(set) var staying = 0
    private(set) var losses: [Loss] = []
    /// Names of volumes of kind emptyDir whose content is lost, by the pod's title.
    private(set) var localData: [String: [String]] = [:]

    init(_ pods: [ClusterObject]) {
        for pod in pods.sorted(by: { $0.title < $1.title }) { add(pod) }
    }

    private mutating func add(_ pod: ClusterObject) {
        guard pod.annotations["kubernetes.io/config.mirror"] == nil else {
            staying += 1
            return
        }
        let isEnded = ["Succeeded", "Failed"].contains(pod.text("status", "phase"))
        let owner = NodePods.controllerKind(pod)
        if owner == "DaemonSet", !isEnded {
            staying += 1
            return
        }
        moving.append(pod)
        guard !isEnded, !pod.isBeingDeleted else { return }
        let place = "pod \(pod.namespace ?? "")/\(pod.name)"
        if owner == nil {
            losses.append(Loss(text: "\(place) has no controller: nothing makes it again", isBare: true))
        }
        let volumes = (pod["spec", "volumes"]?.arrayValue ?? []).filter { $0["emptyDir"] != nil }
            .compactMap { $0["name"]?.stringValue }
        guard !volumes.isEmpty else { return }
        localData[pod.title] = volumes
        losses.append(
            Loss(text: "\(place) keeps data on the node (emptyDir \(volumes.joined(separator: ", ")))", isBare: false))
    }

    /// Nil for a pod that nothing makes again.
    static func controllerKind(_ pod: ClusterObject) -> String? {
        pod["metadata", "ownerReferences"]?.arrayValue?.first { $0["controller"]?.boolValue == true }?["kind"]?
            .stringValue
    }

    /// One line for each controller whose pods move, and for each pod without one. Names that controllers make up are not
    /// in them: they change by themselves.
    var lines: [String] {
        var groups: [String: (count: Int, volumes: Set<String>)] = [:]
        for pod in moving {
            let title = pod.controller.map { "\($0.kind) \(pod.namespace ?? "")/\($0.name)" } ?? pod.title
            var group = groups[title] ?? (0, [])
            group.count += 1
            group.volumes.formUnion(localData[pod.title] ?? [])
            groups[title] = group
        }
        return groups.sorted { $0.key < $1.key }.map { title, group in
            let isBare = title.hasPrefix("Pod ")
            var line =
                "\(title): " + (isBare ? "deleted" : group.count == 1 ? "1 pod moves" : "\(group.count) pods move")
            if isBare { line += ", and nothing makes it again" }
            if !group.volumes.isEmpty {
                line += ", and what it keeps in \(group.volumes.sorted().joined(separator: ", ")) is lost"
            }
            return line
        }
    }
}
