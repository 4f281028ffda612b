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
