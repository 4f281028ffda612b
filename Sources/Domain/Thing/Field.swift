/// Ways to read a member of a thing in a form that can be compared.
package enum Field {
    /// Reads a member of what the provider shows.
    package typealias Reading = @Sendable (JSONValue) -> JSONValue

    /// The member as it is; `usual` where the provider leaves it out.
    package static func value(_ name: String, usual: JSONValue = .null) -> Reading {
        { $0.at(path: name) ?? usual }
    }

    /// A list whose order does not matter.
    package static func set(_ name: String) -> Reading {
        { sorted($0.at(path: name)?.arrayValue ?? []) }
    }

    /// A list in an order that is always the same.
    package static func sorted(_ items: [JSONValue]) -> JSONValue {
        .array(items.sorted { $0.canonicalText < $1.canonicalText })
    }

    /// A list of texts.
    package static func strings(_ items: [String]) -> JSONValue { .array(items.map(JSONValue.string)) }
    /// A list of texts in an order that is always the same.
    package static func sortedStrings(_ items: [String]) -> JSONValue { sorted(items.map(JSONValue.string)) }
}
