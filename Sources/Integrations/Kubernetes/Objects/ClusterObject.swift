import Domain
import Foundation

/// An object of a cluster with shortcuts to what all objects have.
package struct ClusterObject: Sendable, Hashable {
    var json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    /// An item of a list, which does not say its kind.
    init(_ item: JSONValue, type: ResourceType) {
        var members = item.objectValue ?? [:]
        members["apiVersion"] = .string(type.apiVersion)
        members["kind"] = .string(type.kind)
        json = .object(members)
    }

    subscript(_ path: String...) -> JSONValue? {
        var value: JSONValue? = json
        for key in path { value = value?[key] }
        return value
    }

    func text(_ path: String...) -> String? {
        var value: JSONValue? = json
        for key in path { value = value?[key] }
        return value?.stringValue
    }

    func number(_ path: String...) -> Int? {
        var value: JSONValue? = json
        for key in path { value = value?[key] }
        return value?.intValue
    }

    var kind: String { text("kind") ?? "" }
    var apiVersion: String { text("apiVersion") ?? "" }
    var name: String { text("metadata", "name") ?? "" }
    var namespace: String? { text("metadata", "namespace") }
    var uid: String? { text("metadata", "uid") }
    var resourceVersion: String? { text("metadata", "resourceVersion") }
    var generation: Int { number("metadata", "generation") ?? 0 }
    var labels: [String: String] { self["metadata", "labels"]?.texts ?? [:] }
    var annotations: [String: String] { self["metadata", "annotations"]?.texts ?? [:] }
    var isBeingDeleted: Bool { text("metadata", "deletionTimestamp") != nil }

    /// `Deployment analytics/api`, `Namespace analytics`.
    var title: String { "\(kind) " + (namespace.map { "\($0)/" } ?? "") + name }

    /// Whether the bot made it or was given it; nothing else is changed.
    var isManaged: Bool { labels[ManagedLabel.name] == ManagedLabel.value }

    /// The object that made this one and decides about it.
    var controller: (kind: String, name: String, uid: String?)? {
        let owners = self["metadata", "ownerReferences"]?.arrayValue ?? []
        guard let owner = owners.first(where: { $0["controller"]?.boolValue == true }) ?? owners.first,
            let kind = owner["kind"]?.stringValue, let name = owner["name"]?.stringValue
        else { return nil }
        return (kind, name, owner["uid"]?.stringValue)
    }

    /// The condition of that type.
    func condition(_ type: String) -> (isTrue: Bool, status: String, reason: String, message: String)? {
        guard let found = self["status", "conditions"]?.arrayValue?.first(where: { $0["type"]?.stringValue == type })
        else { return nil }
        let status = found["status"]?.stringValue ?? ""
        return (status == "True", status, found["reason"]?.stringValue ?? "", found["message"]?.stringValue ?? "")
    }

    /// The images of its pods, or of the pod itself, in order.
    var images: [String] {
        let pod =
            kind == "Pod"
            ? self["spec"] : self["spec", "template", "spec"] ?? self["spec", "jobTemplate", "spec", "template", "spec"]
        return pod?["containers"]?.arrayValue?.compactMap { $0["image"]?.stringValue } ?? []
    }
}

/// The label of all that the bot manages (kubernetes.io/docs/concepts/overview/working-with-objects/common-labels).
enum ManagedLabel {
    static let name = "app.kubernetes.io/managed-by"
    static let value = "defimon"
    /// The label of what keeps a preview within its bounds; manifests of a repository's tree may not change it.
    static let guardName = "defimon.io/guard"
}

extension JSONValue {
    /// The members of an object that are text.
    var texts: [String: String] { objectValue?.compactMapValues(\.stringValue) ?? [:] }
}

/// Times as the API writes them (RFC 3339, with or without a fraction).
enum ClusterTime {
    static func parse(_ text: String?) -> Date? {
        guard let text else { return nil }
        // A text with a fraction is no plain date, and the other way round; what is neither gives nil.
        return (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    /// `2026-09-24T14:13:20Z`, in whole seconds as the server itself writes.
    static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
