import Domain
import Foundation

/// The namespace of one pull request's preview.
struct Preview: Sendable {
    var namespace: String
    /// `acme/api`; empty when somebody took the annotation away.
    var repository: String
    /// 0 when the label is gone.
    var number: Int
    var commit: String
    var owner: String
    var url: String
    var created: Date?
    /// Nil when nobody can tell: such a preview never expires by itself.
    var expires: Date?
    var isBeingDeleted: Bool

    /// Nil when the namespace is no preview that the bot made.
    init?(_ object: ClusterObject) {
        guard object.isManaged, object.labels[PreviewMark.preview] == "true" else { return nil }
        let annotations = object.annotations
        namespace = object.name
        repository = annotations[PreviewMark.repository] ?? ""
        number = object.labels[PreviewMark.pullRequest].flatMap(Int.init) ?? 0
        commit = annotations[PreviewMark.commit] ?? ""
        owner = annotations[PreviewMark.owner] ?? ""
        url = annotations[PreviewMark.url] ?? ""
        created = ClusterTime.parse(object.text("metadata", "creationTimestamp"))
        expires = annotations[PreviewMark.expires].flatMap { Date(rfc3339: $0) }
        isBeingDeleted = object.isBeingDeleted
    }

    /// `acme/api#42`.
    var title: String { repository.isEmpty ? "an unknown pull request" : "\(repository)#\(number)" }

    /// Whether its time is over; one that is being deleted needs nothing any more.
    func isExpired(at now: Date) -> Bool { !isBeingDeleted && expires.map { $0 <= now } ?? false }

    /// As later steps read it.
    func json(at now: Date) -> JSONValue {
        [
            "namespace": .string(namespace), "repository": .string(repository), "number": .int(Int64(number)),
            "commit": .string(commit), "owner": .string(owner), "url": .string(url),
            "created": .string(created.map(ClusterTime.text) ?? ""),
            "expires": .string(expires.map(ClusterTime.text) ?? ""), "expired": .bool(isExpired(at: now)),
            "deleting": .bool(isBeingDeleted),
        ]
    }

    /// `expires 2026-09-24T14:13:20Z, in 3 d`.
    static func words(expires: Date, now: Date) -> String {
        let rest = expires.since(now)
        let distance = rest > .zero ? "in \(DurationText.human(rest))" : "\(DurationText.human(.zero - rest)) ago"
        return "expires \(ClusterTime.text(expires)), \(distance)"
    }
}
