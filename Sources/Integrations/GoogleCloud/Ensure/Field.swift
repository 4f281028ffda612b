import Domain

/// Ways to read a member in a form that can be compared.
enum Field {
    typealias Reading = @Sendable (JSONValue) -> JSONValue

    /// The member as it is; `usual` where Google leaves it out.
    static func value(_ name: String, usual: JSONValue = .null) -> Reading {
        { $0.at(path: name) ?? usual }
    }

    /// A list whose order does not matter.
    static func set(_ name: String) -> Reading {
        { sorted($0.at(path: name)?.arrayValue ?? []) }
    }

    /// A URL, as the path that it ends with.
    static func link(_ name: String) -> Reading {
        { $0.at(path: name)?.stringValue.map { .string(ResourcePath.relative($0)) } ?? .null }
    }

    /// The last part of a URL, where Google takes a short name too.
    static func name(_ name: String) -> Reading {
        { $0.at(path: name)?.stringValue.map { .string(ResourcePath.name($0)) } ?? .null }
    }

    static func sorted(_ items: [JSONValue]) -> JSONValue {
        .array(items.sorted { $0.canonicalText < $1.canonicalText })
    }

    static func strings(_ items: [String]) -> JSONValue { .array(items.map(JSONValue.string)) }
    static func sortedStrings(_ items: [String]) -> JSONValue { sorted(items.map(JSONValue.string)) }
}
