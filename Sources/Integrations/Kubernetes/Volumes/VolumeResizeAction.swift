import Domain
import Foundation

/// Makes volumes larger, and waits until their filesystems have grown. It never makes one smaller.
struct VolumeResizeAction: RepeatableAction, Plannable {
    /// Claims at once.
    static let mostClaims = 100

    private let target: ClusterTarget
    private let choice: ClaimChoice
    private let wish: ClaimWish

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.volume-resize",
            "Makes volumes larger and waits until their filesystems have grown; never makes one smaller",
            effect: .changes,
            outputs: [
                .init(
                    "before", .text(nil), "The size that was asked for before, such as 20Gi; of several the smallest"),
                .init("after", .text(nil), "The size that it has now; of several the smallest"),
                .init("changed", .flag, "False when all were as large already"),
            ]
        ) { VolumeResizeAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        choice = ClaimChoice(&input)
        wish = ClaimWish(&input)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let targets = try targets(try await claims(client), context)
            let smaller = try await growing(targets, client)
            return ActionPlan(changes: smaller.map { "\($0.claim.title): \($0.claim.requested) → \($0.size.text)" })
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let targets = try targets(try await claims(client), context)
            let smaller = try await growing(targets, client)
            for target in smaller { try await grow(target, client, context) }
            var after: [ClusterObject] = []
            for (index, target) in targets.enumerated() {
                let wait = ClaimGrowth(client: client, claim: target.claim, size: target.size, time: context.time)
                after.append(
                    try await wait.finish { context.progress("\(index) of \(targets.count) have grown; \($0)") })
            }
            let claims = targets.map(\.claim)
            let lines = zip(claims, after).map { "\($0.title): \($0.requested) → \($1.capacity)" }
            return [
                "before": .string(VolumeResizeAction.smallest(claims.map(\.requested))),
                "after": .string(VolumeResizeAction.smallest(after.map(\.capacity))),
                "changed": .bool(!smaller.isEmpty),
                "summary": .string(summary(targets, smaller)), "details": .string(lines.joined(separator: "\n")),
            ]
        }
    }

    /// A claim, and the size that it is to have.
    private struct Target: Sendable {
        var claim: ClusterObject
        var size: GrowthSize
    }

    private func targets(_ claims: [ClusterObject], _ context: ActionContext) throws -> [Target] {
        try claims.map { Target(claim: $0, size: try wish.size(for: $0, key: context.idempotencyKey)) }
    }

    private func claims(_ client: KubernetesClient) async throws -> [ClusterObject] {
        let found = try await choice.find(client)
        guard found.count <= VolumeResizeAction.mostClaims else {
            throw ActionError(
                "\(choice.title) are \(found.count), more than \(VolumeResizeAction.mostClaims)",
                hint: "name them one by one with 'claim'")
        }
        return found
    }

    /// Those that must grow. Throws, before anything is changed, when one of them cannot.
    private func growing(_ targets: [Target], _ client: KubernetesClient) async throws -> [Target] {
        let growing = targets.filter { (ResourceAmount.parse(.string($0.claim.requested)) ?? 0) < $0.size.bytes }
        let smaller = growing.map(\.claim)
        for claim in smaller where claim.text("status", "phase") != "Bound" {
            throw ActionError(
                "\(claim.title) has no volume yet, and only a bound claim can grow",
                hint: "wait until it is bound, or make it anew with the size that is wanted")
        }
        for name in Set(smaller.map { $0.text("spec", "storageClassName") ?? "" }).sorted() {
            let claim = smaller.first { ($0.text("spec", "storageClassName") ?? "") == name }?.title ?? ""
            guard !name.isEmpty else {
                throw ActionError(
                    "\(claim) has no StorageClass, and only the volume of one that has can grow",
                    hint: "make a new claim with the size that is wanted, and copy the data")
            }
            guard let type = try await client.find(.storageClasses, name: name) else {
                throw ActionError(
                    "\(claim) names StorageClass \(name), which is not there",
                    hint: "make that StorageClass, with allowVolumeExpansion: true where its driver can resize")
            }
            guard type["allowVolumeExpansion"]?.boolValue == true else {
                throw ActionError(
                    "StorageClass \(name) of \(claim) does not let volumes grow (allowVolumeExpansion)",
                    hint: "if its driver can resize: kubectl patch storageclass \(name) -p "
                        + "'{\"allowVolumeExpansion\": true}'; else make a larger claim and copy the data")
            }
        }
        return growing
    }

    /// Asks for the new size, unless somebody else has asked for as much meanwhile.
    private func grow(_ target: Target, _ client: KubernetesClient, _ context: ActionContext) async throws {
        let (claim, size) = (target.claim, target.size)
        var current = claim
        for _ in 0..<5 {
            guard (ResourceAmount.parse(.string(current.requested)) ?? 0) < size.bytes else { return }
            let change: JSONValue = [
                "metadata": wish.metadata(size, current, key: context.idempotencyKey),
                "spec": ["resources": ["requests": ["storage": .string(size.text)]]],
            ]
            do {
                _ = try await client.patch(.volumeClaims, namespace: choice.namespace, name: claim.name, .merge, change)
                return
            } catch let error as KubernetesError where error.status == 409 && error.isTransient {
                current = try await client.get(.volumeClaims, namespace: choice.namespace, name: claim.name)
            }
        }
        throw ActionError(
            "\(claim.title) is changed by somebody else all the time", retry: .later(afterMilliseconds: nil))
    }

    private func summary(_ targets: [Target], _ changed: [Target]) -> String {
        guard let first = changed.first else {
            guard targets.count == 1, let only = targets.first else { return "all are as large already" }
            return "\(only.claim.title) has \(only.claim.requested) already, which is \(only.size.text) or more: "
                + "nothing to do"
        }
        guard targets.count > 1 else {
            return "\(first.claim.title) has grown from \(first.claim.requested) to \(first.size.text)"
        }
        let sizes = Set(changed.map(\.size.text)).sorted().joined(separator: ", ")
        return "\(changed.count) of \(targets.count) volumes have grown to \(sizes)"
    }

    private static func smallest(_ sizes: [String]) -> String {
        sizes.min { (ResourceAmount.parse(.string($0)) ?? 0) < (ResourceAmount.parse(.string($1)) ?? 0) } ?? ""
    }

    private var doing: String { "\(choice.title) cannot be made larger" }
}

extension ResourceType {
    static let storageClasses = ResourceType(
        "storage.k8s.io/v1", "StorageClass", "storageclasses", isNamespaced: false)
}

extension ClusterObject {
    /// The size that a claim asks for; `0` when it says none.
    var requested: String { text("spec", "resources", "requests", "storage") ?? "0" }
    /// The size that a claim's volume has.
    var capacity: String { text("status", "capacity", "storage") ?? "0" }
}
