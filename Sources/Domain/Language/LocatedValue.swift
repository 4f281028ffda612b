/// A value read from a file that knows where it stands.
package struct LocatedValue: Sendable, Hashable {
    /// What a value holds. Members keep the order of the file; the reader of the file has refused doubled names.
    package enum Content: Sendable, Hashable {
        case null
        case bool(Bool)
        case int(Int64)
        case double(Double)
        case string(String)
        case array([LocatedValue])
        case object([Member])
    }

    /// One member of an object with the place of its name.
    package struct Member: Sendable, Hashable {
        package var name: String
        package var location: SourceLocation
        package var value: LocatedValue

        package init(name: String, location: SourceLocation, value: LocatedValue) {
            self.name = name
            self.location = location
            self.value = value
        }
    }

    package var content: Content
    package var location: SourceLocation

    package init(_ content: Content, at location: SourceLocation) {
        self.content = content
        self.location = location
    }

    /// A located value out of one that has no place of its own: every part stands at `location`.
    package init(_ json: JSONValue, at location: SourceLocation = .none) {
        self.location = location
        switch json {
        case .null: content = .null
        case .bool(let value): content = .bool(value)
        case .int(let value): content = .int(value)
        case .double(let value): content = .double(value)
        case .string(let value): content = .string(value)
        case .array(let items): content = .array(items.map { LocatedValue($0, at: location) })
        case .object(let members):
            content = .object(
                members.sorted { $0.key < $1.key }.map {
                    Member(name: $0.key, location: location, value: LocatedValue($0.value, at: location))
                })
        }
    }

    /// The member of an object; nil for other kinds.
    package subscript(_ name: String) -> LocatedValue? { member(name)?.value }

    /// The member of an object with the place of its name.
    package func member(_ name: String) -> Member? { members?.first { $0.name == name } }

    /// The members of an object, nil for other kinds.
    package var members: [Member]? { if case .object(let members) = content { members } else { nil } }

    /// The items of an array, nil for other kinds.
    package var items: [LocatedValue]? { if case .array(let items) = content { items } else { nil } }

    /// The text of a string, nil for other kinds.
    package var text: String? { if case .string(let text) = content { text } else { nil } }

    /// The value without its places.
    package var json: JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .double(let value): .double(value)
        case .string(let value): .string(value)
        case .array(let items): .array(items.map(\.json))
        case .object(let members):
            .object(Dictionary(members.map { ($0.name, $0.value.json) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// What this is called in an error message.
    package var kindName: String {
        switch content {
        case .null: "nothing"
        case .bool: "true or false"
        case .int: "a whole number"
        case .double: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "a map"
        }
    }
}
