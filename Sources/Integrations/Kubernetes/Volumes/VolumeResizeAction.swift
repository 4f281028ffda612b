import Domain
import Foundation

/// Makes volumes larger, and waits until their filesystems have grown. It never makes one smaller.
struct VolumeResizeAction: RepeatableAction, Plannable {
    /// Claims at once.
    static let mostClaims = 100

    private let target: ClusterTarget
    private let choice: ClaimChoice
    private let size: ClaimSize

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
        size = ClaimSize(input.text("size", "The size that each is to have, such as 40Gi", pattern: ClaimSize.pattern))
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let smaller = try await growing(try await claims(client), client)
            return ActionPlan(changes: smaller.map { "\($0.title): \($0.requested) → \(size.text)" })
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let claims = try await claims(client)
            let smaller = try await growing(claims, client)
            for claim in smaller { try await grow(claim, client) }
            var after: [ClusterObject] = []
            for (index, claim) in claims.enumerated() {
                let wait = ClaimGrowth(client: client, claim: claim, size: size, time: context.time)
                after.append(
                    try await wait.finish { context.progress("\(index) of \(claims.count) have grown; \($0)") })
            }
            let lines = zip(claims, after).map { "\($0.title): \($0.requested) → \($1.capacity)" }
            return [
                "before": .string(VolumeResizeAction.smallest(claims.map(\.requested))),
                "after": .string(VolumeResizeAction.smallest(after.map(\.capacity))),
                "changed": .bool(!smaller.isEmpty),
                "summary": .string(summary(claims, smaller)), "details": .string(lines.joined(separator: "\n")),
            ]
        }
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
    private func growing(_ claims: [ClusterObject], _ client: KubernetesClient) async throws -> [ClusterObject] {
        let smaller = claims.filter { (ResourceAmount.parse(.string($0.requested)) ?? 0) < size.bytes }
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
        return smaller
    }

    /// Asks for the new size, unless somebody else has asked for as much meanwhile.
    private func grow(_ claim: ClusterObject, _ client: KubernetesClient) async throws {
        var current = claim
        for _ in 0..<5 {
            guard (ResourceAmount.parse(.string(current.requested)) ?? 0) < size.bytes else { return }
            let change: JSONValue = [
                "metadata": ["resourceVersion": .string(current.resourceVersion ?? "")],
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

    private func summary(_ claims: [ClusterObject], _ changed: [ClusterObject]) -> String {
        guard let first = changed.first else {
            guard claims.count == 1, let only = claims.first else { return "all have \(size.text) or more already" }
            return "\(only.title) has \(only.requested) already, which is \(size.text) or more: nothing to do"
        }
        guard claims.count > 1 else { return "\(first.title) has grown from \(first.requested) to \(size.text)" }
        return "\(changed.count) of \(claims.count) volumes have grown to \(size.text)"
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
