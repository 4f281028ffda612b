import Domain
import Foundation

/// Waits until a claim's volume and its filesystem are as large as wanted.
struct ClaimGrowth: Sendable {
    /// How long a filesystem may wait for a pod before that counts: where the driver grows it under a running pod, the
    /// condition is there for a moment only.
    static let patience = Duration.seconds(120)

    var client: KubernetesClient
    var claim: ClusterObject
    var size: GrowthSize
    var time: any TimeSource

    /// What a look at the claim tells.
    fileprivate enum Look: Sendable {
        case done(ClusterObject)
        case waits(String)
        /// Its filesystem grows when a pod starts.
        case waitsForPod
        case never(String)
        case gone
    }

    /// The claim as it is then. Throws `KubernetesError`, `ActionError` when it will not grow by itself, or
    /// `CancellationError`.
    func finish(_ progress: @escaping @Sendable (String) -> Void) async throws -> ClusterObject {
        try await withThrowingTaskGroup(of: ClusterObject?.self) { group in
            let pending = PendingSince()
            group.addTask { try await watched(pending, progress) }
            group.addTask {
                while await !pending.lasts(ClaimGrowth.patience, now: time.now) {
                    try await time.sleep(for: .seconds(5))
                }
                throw await needsPod()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let grown = first else { throw CancellationError() }
            return grown
        }
    }

    private func watched(_ pending: PendingSince, _ progress: @Sendable (String) -> Void) async throws -> ClusterObject
    {
        let feed = ObjectFeed(
            client: client, type: .volumeClaims, namespace: claim.namespace, labels: nil,
            fields: "metadata.name=\(claim.name)", time: time)
        let found = try await feed.until { change -> Result<ClusterObject, ActionError>? in
            let look: Look
            switch change {
            case .all(let objects): look = objects.first { $0.name == claim.name }.map(self.look) ?? .gone
            case .changed(let object) where object.name == claim.name: look = self.look(object)
            case .removed(let object) where object.name == claim.name: look = .gone
            case .changed, .removed: return nil
            }
            await pending.set(look.waitsForPod ? time.now : nil)
            switch look {
            case .done(let grown): return .success(grown)
            case .waits(let what): progress("\(claim.name): \(what)")
            case .waitsForPod: progress("\(claim.name): \(await podWords())")
            case .never(let why):
                return .failure(
                    ActionError(
                        "\(claim.title) does not grow: \(why)", mayHaveTakenEffect: true,
                        hint: "look at its events: kubectl describe pvc \(claim.name) -n \(claim.namespace ?? "")"))
            case .gone:
                return .failure(ActionError("\(claim.title) is not there any more", mayHaveTakenEffect: true))
            }
            return nil
        }
        return try found.get()
    }

    private func look(_ claim: ClusterObject) -> Look {
        let state = claim.text("status", "allocatedResourceStatuses", "storage") ?? ""
        let errors = ["ControllerResizeError", "NodeResizeError"].compactMap { claim.condition($0) }.filter(\.isTrue)
        if state.hasSuffix("Infeasible") { return .never(errors.first?.message ?? state) }
        if claim.condition("FileSystemResizePending")?.isTrue == true { return .waitsForPod }
        if claim.condition("Resizing")?.isTrue == true { return .waits("its volume is being resized") }
        if (ResourceAmount.parse(.string(claim.capacity)) ?? 0) >= size.bytes { return .done(claim) }
        return .waits(errors.first?.message ?? "its volume has \(claim.capacity) so far")
    }

    /// The pods that use the claim. What cannot be had is left out: it is only an addition.
    private func pods() async -> [String] {
        let all = (try? await client.list(.pods, namespace: claim.namespace))?.objects ?? []
        return all.filter { $0.claims.contains(claim.name) && !$0.isBeingDeleted }.map(\.name).sorted()
    }

    private func podWords() async -> String {
        let pods = await pods()
        guard let first = pods.first else { return "its filesystem grows when a pod uses it" }
        return "its filesystem grows now, or when pod \(first) is restarted"
    }

    private func needsPod() async -> ActionError {
        let pods = await pods()
        guard !pods.isEmpty else {
            return ActionError(
                "\(claim.title): its volume has grown, and its filesystem grows when a pod uses it",
                mayHaveTakenEffect: true, hint: "start what uses it, then run this again")
        }
        let names = pods.joined(separator: ", ")
        return ActionError(
            "\(claim.title): its volume has grown, and its filesystem grows when pod \(names) is restarted",
            mayHaveTakenEffect: true,
            hint: "restart the pod's workload (kubernetes.rollout-restart), then run this again")
    }
}

extension ClaimGrowth {
    /// Since when a filesystem waits for a pod.
    fileprivate actor PendingSince {
        private var since: Date?

        func set(_ moment: Date?) { since = moment == nil ? nil : since ?? moment }

        func lasts(_ duration: Duration, now: Date) -> Bool { since.map { now.since($0) >= duration } ?? false }
    }
}

extension ClaimGrowth.Look {
    fileprivate var waitsForPod: Bool {
        if case .waitsForPod = self { return true }
        return false
    }
}

extension ClusterObject {
    /// Names of the claims that a pod uses.
    var claims: [String] {
        (self["spec", "volumes"]?.arrayValue ?? []).compactMap {
            $0["persistentVolumeClaim"]?["claimName"]?.stringValue
        }
    }
}
