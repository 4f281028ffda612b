import Domain
import Foundation

/// One object of the cluster, or a part of one, as JSON with short ways to its members.
struct KubernetesObject: Sendable, Hashable {
    var json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    /// The member that a path names. Setting nil removes it; missing objects on the way are made.
    subscript(_ path: String...) -> JSONValue? {
        get {
            var value: JSONValue? = json
            for name in path { value = value?[name] }
            return value
        }
        set { json = json.setting(path[...], newValue) }
    }

    var name: String { self["metadata", "name"]?.stringValue ?? "" }
    var namespace: String { self["metadata", "namespace"]?.stringValue ?? "" }
    var uid: String { self["metadata", "uid"]?.stringValue ?? "" }
    var generation: Int { self["metadata", "generation"]?.intValue ?? 0 }
    var resourceVersion: String { self["metadata", "resourceVersion"]?.stringValue ?? "" }
    var isDeleting: Bool { self["metadata", "deletionTimestamp"] != nil }
    var labels: [String: String] { KubernetesObject.strings(self["metadata", "labels"]) }
    var annotations: [String: String] { KubernetesObject.strings(self["metadata", "annotations"]) }
    var key: String { "\(namespace)/\(name)" }
    var phase: String { self["status", "phase"]?.stringValue ?? "" }

    var finalizers: [String] {
        get { self["metadata", "finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        set { self["metadata", "finalizers"] = newValue.isEmpty ? nil : .array(newValue.map { .string($0) }) }
    }

    var owners: [JSONValue] { self["metadata", "ownerReferences"]?.arrayValue ?? [] }

    /// The owner that controls this object.
    var controller: JSONValue? { owners.first { $0["controller"]?.boolValue == true } }

    /// The members of an object whose values are text.
    static func strings(_ value: JSONValue?) -> [String: String] {
        (value?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    /// A reference by which this object owns and controls another one.
    func ownerReference(_ kind: ResourceKind) -> JSONValue {
        [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind), "name": .string(name),
            "uid": .string(uid), "controller": true, "blockOwnerDeletion": true,
        ]
    }

    /// A condition of the status.
    func condition(_ type: String) -> JSONValue? {
        self["status", "conditions"]?.arrayValue?.first { $0["type"]?.stringValue == type }
    }
}

extension JSONValue {
    /// Without the members that are null: to Kubernetes they are not there.
    var withoutNulls: JSONValue {
        switch self {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        case .array(let items): .array(items.map(\.withoutNulls))
        default: self
        }
    }

    /// This value with the member at `path` set, or removed where `value` is nil.
    fileprivate func setting(_ path: ArraySlice<String>, _ value: JSONValue?) -> JSONValue {
        guard let name = path.first else { return value ?? .null }
        var members = objectValue ?? [:]
        if path.count == 1 {
            members[name] = value
        } else if value != nil || members[name] != nil {
            members[name] = (members[name] ?? .object([:])).setting(path.dropFirst(), value)
        }
        return .object(members)
    }
}

/// Times as Kubernetes writes them.
enum KubernetesTime {
    static func text(_ date: Date) -> JSONValue { .string(date.formatted(.iso8601)) }
}
