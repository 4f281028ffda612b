import Domain
import Foundation

/// Waits until one more preview may live in the cluster, then makes its namespace; one that is there gets the new
/// commit and at least the asked time to live.
struct PreviewEnsureAction: AwaitingAction, Plannable {
    /// The level of the pod security standards that the namespace enforces
    /// (kubernetes.io/docs/concepts/security/pod-security-standards).
    enum PodSecurity: String, CaseIterable {
        case restricted, baseline
    }

    static let usualLife = Duration.seconds(72 * 3600)
    static let mostPreviews = 1000
    /// How often it looks for a free place, and for the end of an old namespace.
    static let placeInterval = Duration.seconds(30)
    static let endInterval = Duration.seconds(5)

    private let target: ClusterTarget
    private let wanted: PreviewWish
    private let atMost: Int

    var line: String? { "previews/\(target.cluster)" }

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.preview-ensure",
            "Waits for a free place among the cluster's previews, then makes the namespace of a pull request's preview",
            effect: .changes,
            outputs: [
                .init("namespace", .text(nil), "Name of the namespace"),
                .init("created", .flag, "Whether it was missing"),
                .init("expires", .text(nil), "When the preview expires (RFC 3339)"),
            ]
        ) { PreviewEnsureAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        wanted = PreviewWish(&input)
        atMost = input.integer(
            "at_most", "How many previews may live in the cluster, this one included",
            in: 1...PreviewEnsureAction.mostPreviews, default: 10)
    }

    // MARK: Plan

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            // Times and other previews move by themselves, so the plan does not name them.
            let life = "it lives at least \(DurationText.human(wanted.expiresAfter)) from then on"
            guard let found = try await client.find(.namespaces, name: wanted.namespace), !found.isBeingDeleted else {
                let count = try await PreviewNamespaces(client: client).all().count
                return ActionPlan(
                    changes: ["Namespace \(wanted.namespace): new, the preview of \(wanted.title); \(life)"],
                    knownLater: count < atMost
                        ? [] : ["Namespace \(wanted.namespace): when a place is free, of at most \(atMost)"])
            }
            let preview = try wanted.own(found, cluster: target.cluster)
            let commit =
                preview.commit == wanted.commit
                ? "" : "commit \(preview.commit.prefix(7)) → \(wanted.commit.prefix(7)), "
            return ActionPlan(changes: ["Namespace \(wanted.namespace): \(commit)\(life)"])
        }
    }

    // MARK: Look

    func look(_ context: ActionContext) async throws -> Awaited {
        // One at a time: two jobs that count at once would both find the last place free.
        try await target.inTurn {
            try await target.attempt(doing, changes: true) { client in
                // Somebody may come between the look and the change; the server then refuses, and we look again.
                for _ in 0..<5 {
                    if let found = try await step(client, context) { return found }
                }
                throw ActionError(
                    "namespace \(wanted.namespace) is changed by somebody else all the time",
                    retry: .later(afterMilliseconds: nil))
            }
        }
    }

    func peek(_ context: ActionContext) async throws -> Awaited {
        try await target.attempt(doing) { client in
            if let found = try await client.find(.namespaces, name: wanted.namespace) {
                return found.isBeingDeleted ? ending(found) : .ready([:])
            }
            let live = try await PreviewNamespaces(client: client).all()
            return live.count < atMost
                ? .ready([:]) : .notYet(full(live), lookAgainAfter: PreviewEnsureAction.placeInterval)
        }
    }

    private func ending(_ found: ClusterObject) -> Awaited {
        let held = NamespaceEnd.words(found).map { ": \($0)" } ?? ""
        return .notYet(
            "waits until the old namespace \(wanted.namespace) is gone\(held)",
            lookAgainAfter: PreviewEnsureAction.endInterval)
    }

    /// Nil when somebody else was faster.
    private func step(_ client: KubernetesClient, _ context: ActionContext) async throws -> Awaited? {
        do {
            guard let found = try await client.find(.namespaces, name: wanted.namespace) else {
                return try await make(client, context)
            }
            guard !found.isBeingDeleted else { return ending(found) }
            return try await renew(found, client, context)
        } catch let error as KubernetesError where error.status == 409 || error.isNotFound {
            return nil
        }
    }

    private func make(_ client: KubernetesClient, _ context: ActionContext) async throws -> Awaited {
        let live = try await PreviewNamespaces(client: client).all()
        guard live.count < atMost else {
            return .notYet(full(live), lookAgainAfter: PreviewEnsureAction.placeInterval)
        }
        let expires = wanted.expires(from: context.time.now)
        _ = try await client.create(.namespaces, wanted.object(expires: expires))
        return .ready(result(created: true, expires, context))
    }

    private func renew(_ found: ClusterObject, _ client: KubernetesClient, _ context: ActionContext) async throws
        -> Awaited
    {
        let preview = try wanted.own(found, cluster: target.cluster)
        let asked = wanted.expires(from: context.time.now)
        // Only ever later: a person may have asked to keep it.
        let expires = preview.expires.map { max($0, asked) } ?? asked
        let change = wanted.change(expires: expires, version: found.resourceVersion)
        _ = try await client.patch(.namespaces, name: wanted.namespace, .merge, change)
        return .ready(result(created: false, expires, context))
    }

    // MARK: Words

    private var doing: String { "the preview \(wanted.namespace) cannot be made" }

    private func full(_ live: [Preview]) -> String {
        let shown = 5
        let names = live.prefix(shown).map { $0.namespace + ($0.isBeingDeleted ? " is being deleted" : "") }
        let more = live.count > shown ? " and \(live.count - shown) more" : ""
        let count =
            live.count == atMost
            ? "\(live.count) of \(atMost) previews are live" : "\(live.count) previews are live, \(atMost) may be"
        return "waits for a free place: \(count) (\(names.joined(separator: ", "))\(more))"
    }

    private func result(created: Bool, _ expires: Date, _ context: ActionContext) -> JSONValue {
        let words = Preview.words(expires: expires, now: context.time.now)
        return [
            "namespace": .string(wanted.namespace), "created": .bool(created),
            "expires": .string(ClusterTime.text(expires)),
            "summary": .string(
                "namespace \(wanted.namespace) \(created ? "made" : "is there") for \(wanted.title), \(words)"),
        ]
    }
}
