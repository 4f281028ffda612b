import Domain

/// A set of paths in an object, as a tree (structured-merge-diff's `Set`, `FieldsV1` on the wire).
struct FieldSet: Sendable, Hashable {
    /// Whether the path that leads here is itself in the set.
    var isMember = false
    var children: [FieldElement: FieldSet] = [:]

    static let member = FieldSet(isMember: true)

    var isEmpty: Bool { !isMember && children.isEmpty }

    func union(_ other: FieldSet) -> FieldSet {
        FieldSet(
            isMember: isMember || other.isMember,
            children: children.merging(other.children) { $0.union($1) })
    }

    func subtracting(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && !other.isMember)
        for (element, child) in children {
            let rest = other.children[element].map { child.subtracting($0) } ?? child
            if !rest.isEmpty { result.children[element] = rest }
        }
        return result
    }

    func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet(isMember: isMember && other.isMember)
        for (element, child) in children {
            guard let rest = other.children[element].map({ child.intersection($0) }), !rest.isEmpty else { continue }
            result.children[element] = rest
        }
        return result
    }

    /// With every named field on the way to a member as a member itself (`EnsureNamedFieldsAreMembers`).
    func withNamedFields() -> FieldSet {
        var result = FieldSet(isMember: isMember)
        for (element, child) in children {
            var named = child.withNamedFields()
            if case .field = element { named.isMember = true }
            result.children[element] = named
        }
        return result
    }

    /// Without the fields that nobody owns: identity and what the server keeps itself.
    func withoutServerFields() -> FieldSet {
        var result = self
        result.isMember = false
        for name in ["apiVersion", "kind"] { result.children[.field(name)] = nil }
        if var metadata = result.children[.field("metadata")] {
            metadata.isMember = false
            for name in [
                "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink",
                "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds",
            ] { metadata.children[.field(name)] = nil }
            result.children[.field("metadata")] = metadata.isEmpty ? nil : metadata
        }
        return result
    }

    /// The paths of all members, sorted, as conflicts name them.
    var paths: [String] {
        var all: [String] = []
        collect(into: &all, path: "")
        return all.sorted()
    }

    private func collect(into all: inout [String], path: String) {
        if isMember, !path.isEmpty { all.append(path) }
        for (element, child) in children { child.collect(into: &all, path: path + element.pathText) }
    }
}

extension FieldSet {
    /// As `FieldsV1`.
    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        if isMember, !children.isEmpty { members["."] = [:] }
        for (element, child) in children { members[element.text] = child.json }
        return .object(members)
    }

    /// Reads `FieldsV1`.
    init(json: JSONValue) {
        let members = json.objectValue ?? [:]
        isMember = members.isEmpty || members["."] != nil
        for (name, value) in members where name != "." {
            guard let element = FieldElement(name) else { continue }
            children[element] = FieldSet(json: value)
        }
    }
}
