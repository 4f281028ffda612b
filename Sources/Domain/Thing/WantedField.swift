/// One field of a thing as it is wanted, and how it becomes so. What a change is, the provider's integration says.
package struct WantedField<Change: Sendable>: Sendable {
    /// As the provider calls it: `sourceRanges`.
    package var name: String
    /// In the form in which `present` gives it.
    package var wanted: JSONValue
    package var present: @Sendable (_ resource: JSONValue) -> JSONValue
    package var change: Change
    /// Whether what is there will do.
    package var isSame: @Sendable (_ present: JSONValue, _ wanted: JSONValue) -> Bool
    /// The difference in words; nil: both values are shown.
    package var words: (@Sendable (_ present: JSONValue, _ wanted: JSONValue) -> String)?

    package init(
        name: String, wanted: JSONValue, present: @escaping @Sendable (_ resource: JSONValue) -> JSONValue,
        change: Change, isSame: @escaping @Sendable (_ present: JSONValue, _ wanted: JSONValue) -> Bool = { $0 == $1 },
        words: (@Sendable (_ present: JSONValue, _ wanted: JSONValue) -> String)? = nil
    ) {
        self.name = name
        self.wanted = wanted
        self.present = present
        self.change = change
        self.isSame = isSame
        self.words = words
    }

    package func differs(in resource: JSONValue) -> Bool { !isSame(present(resource), wanted) }

    /// What takes a value away.
    package var empty: JSONValue { wanted.arrayValue == nil ? .null : [] }

    /// `sourceRanges: 10.0.0.0/8 → 10.1.0.0/16`
    package func line(_ resource: JSONValue) -> String {
        let there = present(resource)
        return "\(name): " + (words?(there, wanted) ?? "\(FieldText.shown(there)) → \(FieldText.shown(wanted))")
    }
}

/// Values of fields for people.
package enum FieldText {
    /// In one line, cut.
    package static func shown(_ value: JSONValue) -> String {
        let text =
            switch value {
            case .null: "none"
            case .array(let items) where items.isEmpty: "none"
            case .array(let items) where items.allSatisfy { $0.stringValue != nil }:
                items.compactMap(\.stringValue).joined(separator: ", ")
            case .object(let members) where members.isEmpty: "none"
            case .object(let members) where members.values.allSatisfy { $0.stringValue != nil }:
                members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.plainText)" }.joined(separator: ", ")
            // Of a path within Google the name says enough.
            case .string(let text) where text.hasPrefix("projects/"):
                text.split(separator: "/").last.map(String.init) ?? text
            case .string(let text): text
            default: value.canonicalText
            }
        return OneLine.of(text, atMost: 120)
    }

    /// ` with machineType n2-standard-8, …`, for what is made; empty when there is nothing to tell.
    package static func made<Change>(of fields: [WantedField<Change>]) -> String {
        let shown = fields.filter { !["none", ""].contains(FieldText.shown($0.wanted)) }
        guard !shown.isEmpty else { return "" }
        return " with "
            + shown.map { $0.words == nil ? "\($0.name) \(FieldText.shown($0.wanted))" : $0.name }
            .joined(separator: ", ")
    }
}
