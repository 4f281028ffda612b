import Domain
import Foundation

/// Lets a preview live at least that long from now on.
struct PreviewKeepAction: RepeatableAction, Plannable {
    private let target: ClusterTarget
    private let reference: PreviewReference
    private let life: Duration

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.preview-keep", "Lets a preview live at least that long from now on", effect: .changes,
            outputs: [.init("expires", .text(nil), "When it expires now (RFC 3339)")]
        ) { PreviewKeepAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        reference = PreviewReference(&input)
        life = input.duration("for", "How long, from now on; at most 30d", default: PreviewEnsureAction.usualLife)
        if life <= .zero || life > PreviewMark.longestLife {
            input.report("'for' is not above 0 and at most 30 days", field: "for", fix: "write 72h, or 7d")
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            let namespace = try await found(client).preview.namespace
            return ActionPlan(changes: [
                "Namespace \(namespace): expires \(DurationText.human(life)) from then on, or later"
            ])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            let found = try await found(client)
            let namespace = found.preview.namespace
            // Who keeps a preview never shortens its life.
            let expires = max(context.time.now.advanced(by: life), found.preview.expires ?? .distantPast)
            let change: JSONValue = [
                "metadata": [
                    "resourceVersion": .string(found.object.resourceVersion ?? ""),
                    "annotations": [PreviewMark.expires: .string(ClusterTime.text(expires))],
                ]
            ]
            _ = try await client.patch(.namespaces, name: namespace, .merge, change)
            let words = Preview.words(expires: expires, now: context.time.now)
            return [
                "expires": .string(ClusterTime.text(expires)),
                "summary": .string("preview \(namespace) of \(found.preview.title) \(words)"),
            ]
        }
    }

    private func found(_ client: KubernetesClient) async throws -> (object: ClusterObject, preview: Preview) {
        guard let found = try await reference.find(client) else {
            throw ActionError(
                "there is no preview \(reference.description) in cluster \(target.cluster)",
                hint: "it may have expired; preview-list shows those that are there")
        }
        guard !found.preview.isBeingDeleted else {
            throw ActionError(
                "preview \(found.preview.namespace) is being deleted already and cannot be kept",
                hint: "deploy it again when it is gone")
        }
        return found
    }

    private var doing: String { "the preview \(reference.description) cannot be kept" }
}
