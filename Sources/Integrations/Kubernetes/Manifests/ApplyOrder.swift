import Domain

/// The order in which objects are applied. Namespaces and CustomResourceDefinitions come before all else; then it goes
/// by wave, as an annotation says, and within a wave by kind: what others need comes first, what lets users in last.
enum ApplyOrder {
    /// Says in which wave an object is applied; 0 without it.
    static let waveAnnotation = "defimon/wave"
    static let waves = -100...100

    private static let order: [[String]] = [
        ["Namespace"], ["CustomResourceDefinition", "PriorityClass", "StorageClass", "IngressClass"],
        ["ResourceQuota", "LimitRange"], ["NetworkPolicy"], ["ServiceAccount"], ["Secret"], ["ConfigMap"],
        ["ClusterRole", "Role"], ["ClusterRoleBinding", "RoleBinding"], ["PersistentVolume"],
        ["PersistentVolumeClaim"], ["Service"], ["StatefulSet"], ["Deployment", "DaemonSet"], ["Job", "CronJob"],
        ["HorizontalPodAutoscaler"], ["PodDisruptionBudget"],
    ]

    private static let ranks: [String: Int] = Dictionary(
        order.enumerated().flatMap { rank, kinds in kinds.map { ($0, rank) } }, uniquingKeysWith: { first, _ in first })

    /// What is applied together: nothing of a later turn begins before all of an earlier one is there.
    struct Turn: Hashable, Comparable {
        /// 0: namespaces, 1: what defines kinds and classes, 2: the rest.
        var phase: Int
        var wave: Int
        var rank: Int

        init(_ manifest: Manifest) {
            rank = ApplyOrder.rank(manifest.kind)
            phase = min(rank, 2)
            wave = manifest.wave
        }

        static func < (left: Turn, right: Turn) -> Bool {
            (left.phase, left.wave, left.rank) < (right.phase, right.wave, right.rank)
        }
    }

    /// Kinds that are not in the table come before Ingress.
    static func rank(_ kind: String) -> Int {
        kind == "Ingress" ? order.count + 1 : ranks[kind] ?? order.count
    }

    /// The wave that an annotation's value names; nil when it names none.
    static func wave(_ value: JSONValue) -> Int? {
        guard let text = value.stringValue, let wave = Int(text), waves.contains(wave), text == String(wave) else {
            return nil
        }
        return wave
    }

    /// Equal ones keep the order of their files.
    static func sorted(_ manifests: [Manifest]) -> [Manifest] {
        manifests.enumerated()
            .sorted { (Turn($0.element), $0.offset) < (Turn($1.element), $1.offset) }
            .map(\.element)
    }

    /// Sorted manifests, cut where a turn ends: the indices of each.
    static func turns(_ sorted: [Manifest]) -> [Range<Int>] {
        var turns: [Range<Int>] = []
        for index in sorted.indices {
            if let last = turns.last, Turn(sorted[last.lowerBound]) == Turn(sorted[index]) {
                turns[turns.count - 1] = last.lowerBound..<(index + 1)
            } else {
                turns.append(index..<(index + 1))
            }
        }
        return turns
    }
}
