import Domain

/// What of a folder's set may be deleted, as the inputs of a step say.
struct PruneRule: Sendable {
    /// Kinds that go only where the definition names them: what they hold is gone with them.
    enum Kept: String, CaseIterable, Sendable {
        case namespace = "Namespace"
        case volumeClaim = "PersistentVolumeClaim"
        case definition = "CustomResourceDefinition"

        /// Their groups, so that a kind of the same name elsewhere is not meant.
        var group: String { self == .definition ? "apiextensions.k8s.io" : "" }
    }

    /// At most so many go without being asked for once more.
    var limit: Int
    /// Whether more than that may go.
    var isAnyway: Bool
    var allowed: Set<Kept>

    /// Whether objects of a kind are members of sets at all.
    func includes(_ kind: ApplySet.GroupKind) -> Bool {
        let kept = Kept.allCases.first { $0.rawValue == kind.kind && $0.group == kind.group }
        return kept.map(allowed.contains) ?? true
    }

    /// Why so many of a set may not go; nil when they may.
    func refusal(_ going: [ClusterObject], of members: Int) -> ActionError? {
        guard !isAnyway, !going.isEmpty else { return nil }
        let why: String
        if going.count > limit {
            why = "more than the \(limit) of 'prune_limit'"
        } else if going.count * 3 > members {
            why = "more than a third of the \(members) that the folder has in the cluster"
        } else {
            return nil
        }
        let names = going.map(\.title)
        let some = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
        let count = going.count == 1 ? "1 object" : "\(going.count) objects"
        return ActionError(
            "\(count) would be deleted, which is \(why): \(some)",
            hint: "put back what should stay into the folder; if all of it should go, run it with 'prune_anyway'",
            details: names.prefix(200).joined(separator: "\n"))
    }
}

extension PruneRule {
    /// Nil when nothing is pruned. `hasParts`: only parts of the folder are applied.
    init?(_ input: inout InputReader, hasParts: Bool) {
        let isWanted = input.flag(
            "prune", "Delete what an earlier run with 'prune' applied out of this folder and the folder holds no more")
        let kinds = input.texts(
            "prune_kinds",
            "Those of Namespace, PersistentVolumeClaim and CustomResourceDefinition that are pruned too")
        limit = input.integer(
            "prune_limit", "So many objects are pruned at most, and never more than a third of the folder's",
            in: 0...1000,
            default: 5)
        isAnyway = input.flag("prune_anyway", "Prune also what is more than that")
        allowed = []
        for kind in kinds {
            if let kept = Kept(rawValue: kind) {
                allowed.insert(kept)
            } else {
                input.report(
                    "'\(kind)' needs no permission to be pruned, or is no kind", field: "prune_kinds",
                    fix: "known are \(Kept.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }
        if isWanted, hasParts {
            input.report(
                "'prune' and 'only' do not go together: what is left out would be deleted", field: "prune",
                fix: "apply the whole folder, or leave out 'prune'")
        }
        if !isWanted { return nil }
    }
}
