import Domain
import Foundation

/// The preview that a step asks for.
struct PreviewWish: Sendable {
    let namespace: String
    let repository: String
    let number: Int
    let commit: String
    let owner: String
    let url: String
    let expiresAfter: Duration
    let podSecurity: PreviewEnsureAction.PodSecurity

    init(_ input: inout InputReader) {
        namespace = input.text("namespace", "Name of the preview's namespace", pattern: NamePattern.label)
        repository = input.text(
            "repository", "Repository of the pull request, owner/name", pattern: NamePattern.repository)
        number = input.integer("number", "Number of the pull request", in: 1...Int(Int32.max))
        commit = input.text("commit", "Commit that the preview shows", pattern: NamePattern.commit)
        owner = input.text("owner", "Who asked for it, for people", default: "")
        url = input.text("url", "Where the preview answers, for people", default: "")
        expiresAfter = input.duration(
            "expires_after", "How long it lives from now on, at least; at most 30d",
            default: PreviewEnsureAction.usualLife)
        podSecurity =
            input.choice(
                "pod_security", "Pod security standard that the namespace enforces",
                of: PreviewEnsureAction.PodSecurity.self, default: .restricted) ?? .restricted
        if expiresAfter <= .zero || expiresAfter > PreviewMark.longestLife {
            input.report(
                "'expires_after' is not above 0 and at most 30 days", field: "expires_after", fix: "write 72h, or 7d")
        }
        if NamespaceDeleteAction.refused.contains(namespace) {
            input.report("namespace '\(namespace)' belongs to Kubernetes itself", field: "namespace")
        }
        for (name, text) in [("owner", owner), ("url", url)] where text.utf8.count > PreviewWish.longestText {
            input.report("'\(name)' is longer than \(PreviewWish.longestText) bytes", field: name)
        }
    }

    private static let longestText = 1000

    /// `acme/api#42`.
    var title: String { "\(repository)#\(number)" }

    func expires(from now: Date) -> Date { now.advanced(by: expiresAfter) }

    /// The namespace that is there, when it is this very pull request's preview. Throws `ActionError` otherwise.
    func own(_ found: ClusterObject, cluster: String) throws(ActionError) -> Preview {
        guard let preview = Preview(found) else {
            throw ActionError(
                "namespace \(namespace) is in cluster \(cluster) already, and is no preview that the bot made",
                hint: "give the preview another name, or take that namespace away by hand")
        }
        // Repositories' names do not tell big from small letters.
        guard preview.repository.lowercased() == repository.lowercased(), preview.number == number else {
            throw ActionError(
                "namespace \(namespace) in cluster \(cluster) is the preview of \(preview.title), not of \(title)",
                hint: "give this preview another name, or remove that one first: preview-remove \(namespace)")
        }
        return preview
    }

    /// The whole namespace, to be made.
    func object(expires: Date) -> JSONValue {
        ["apiVersion": "v1", "kind": "Namespace", "metadata": metadata(expires, ["name": .string(namespace)])]
    }

    /// What a namespace that is there gets; only while it is of that version.
    func change(expires: Date, version: String?) -> JSONValue {
        ["metadata": metadata(expires, version.map { ["resourceVersion": .string($0)] } ?? [:])]
    }

    private func metadata(_ expires: Date, _ members: [String: JSONValue]) -> JSONValue {
        let labels: JSONValue = [
            ManagedLabel.name: .string(ManagedLabel.value), PreviewMark.preview: "true",
            PreviewMark.pullRequest: .string(String(number)),
            "pod-security.kubernetes.io/enforce": .string(podSecurity.rawValue),
            "pod-security.kubernetes.io/warn": .string(podSecurity.rawValue),
        ]
        let annotations: JSONValue = [
            PreviewMark.repository: .string(repository), PreviewMark.commit: .string(commit),
            PreviewMark.owner: .string(owner), PreviewMark.url: .string(url),
            PreviewMark.expires: .string(ClusterTime.text(expires)),
        ]
        return .object(members.merging(["labels": labels, "annotations": annotations]) { $1 })
    }
}
