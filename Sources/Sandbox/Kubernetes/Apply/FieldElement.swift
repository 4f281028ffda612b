import Domain

/// One step of a path in an object (structured-merge-diff's `PathElement`).
enum FieldElement: Sendable, Hashable {
    case field(String)
    /// An item of a list, by its keys.
    case item([String: JSONValue])
    /// A value of a set.
    case value(JSONValue)

    /// As `managedFields` writes it: `f:name`, `k:{"name":"web"}`, `v:"x"`.
    var text: String {
        switch self {
        case .field(let name): "f:\(name)"
        case .item(let keys): "k:\(JSONValue.object(keys).canonicalText)"
        case .value(let value): "v:\(value.canonicalText)"
        }
    }

    /// As conflicts write it: `.name`, `[name="web"]`, `[="x"]`.
    var pathText: String {
        switch self {
        case .field(let name): ".\(name)"
        case .item(let keys):
            "["
                + keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.canonicalText)" }
                .joined(separator: ",") + "]"
        case .value(let value): "[=\(value.canonicalText)]"
        }
    }

    init?(_ text: String) {
        let rest = String(text.dropFirst(2))
        switch text.prefix(2) {
        case "f:": self = .field(rest)
        case "k:":
            // What is no JSON names nothing; the field is left out, as the server's lenient reading does.
            guard let keys = try? JSONValue(parsing: rest).objectValue else { return nil }
            self = .item(keys)
        case "v:":
            guard let value = try? JSONValue(parsing: rest) else { return nil }  // as above
            self = .value(value)
        default: return nil
        }
    }

    /// The items of a list with the element that names each; nil when an item has no such keys.
    static func name(of item: JSONValue, keys: [String]) -> FieldElement {
        var found: [String: JSONValue] = [:]
        for key in keys {
            // The only key with a default in the served kinds.
            found[key] = item[key] ?? (key == "protocol" ? "TCP" : .null)
        }
        return .item(found)
    }
}
