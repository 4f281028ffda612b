import Domain

/// RFC 6902.
enum JSONPatch {
    /// Throws 422 when an operation cannot be made, 400 for a patch that is none.
    static func applied(_ patch: JSONValue, to target: JSONValue) throws -> JSONValue {
        guard let operations = patch.arrayValue else { throw KubernetesStatus.badRequest("a JSON patch is a list") }
        var value = target
        for operation in operations {
            guard let name = operation["op"]?.stringValue, let path = operation["path"]?.stringValue else {
                throw KubernetesStatus.badRequest("an operation of a JSON patch has op and path")
            }
            let parts = pointer(path)[...]
            switch name {
            case "add": value = try edited(value, parts, path) { _ in operation["value"] ?? .null }
            case "replace":
                guard at(value, parts) != nil else { throw missing(path) }
                value = try edited(value, parts, path, isInserting: false) { _ in operation["value"] ?? .null }
            case "remove":
                guard at(value, parts) != nil else { throw missing(path) }
                value = try edited(value, parts, path, isInserting: false) { _ in nil }
            case "test":
                guard at(value, parts) == operation["value"] ?? .null else {
                    throw refused("testing value \(path) failed")
                }
            case "move", "copy":
                let from = operation["from"]?.stringValue ?? ""
                guard let moved = at(value, pointer(from)[...]) else { throw missing(from) }
                if name == "move" {
                    value = try edited(value, pointer(from)[...], from, isInserting: false) { _ in nil }
                }
                value = try edited(value, parts, path) { _ in moved }
            default: throw KubernetesStatus.badRequest("unknown operation \(name)")
            }
        }
        return value
    }

    private static func missing(_ path: String) -> KubernetesStatus {
        refused("the path \(path) does not exist")
    }

    private static func refused(_ why: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 422, reason: "Invalid",
            message: "the server rejected our request due to an error in our request: \(why)")
    }

    private static func pointer(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private static func at(_ value: JSONValue, _ parts: ArraySlice<String>) -> JSONValue? {
        guard let first = parts.first else { return value }
        switch value {
        case .object(let members): return members[first].flatMap { at($0, parts.dropFirst()) }
        case .array(let items):
            guard let index = Int(first), items.indices.contains(index) else { return nil }
            return at(items[index], parts.dropFirst())
        default: return nil
        }
    }

    private static func edited(
        _ value: JSONValue, _ parts: ArraySlice<String>, _ path: String, isInserting: Bool = true,
        _ change: (JSONValue?) -> JSONValue?
    ) throws -> JSONValue {
        guard let first = parts.first else { return change(value) ?? .null }
        let rest = parts.dropFirst()
        switch value {
        case .object(var members):
            if rest.isEmpty {
                members[first] = change(members[first])
            } else {
                guard let inner = members[first] else { throw missing(path) }
                members[first] = try edited(inner, rest, path, isInserting: isInserting, change)
            }
            return .object(members)
        case .array(var items):
            let index = first == "-" ? items.count : Int(first) ?? -1
            guard index >= 0, index <= items.count, isInserting && rest.isEmpty || index < items.count else {
                throw missing(path)
            }
            if !rest.isEmpty {
                items[index] = try edited(items[index], rest, path, isInserting: isInserting, change)
            } else if isInserting {
                items.insert(change(nil) ?? .null, at: index)
            } else if let new = change(items[index]) {
                items[index] = new
            } else {
                items.remove(at: index)
            }
            return .array(items)
        default: throw missing(path)
        }
    }
}
