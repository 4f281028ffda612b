import Domain

/// One field of a thing as it is wanted, and how it becomes so.
struct WantedField: Sendable {
    enum Change: Sendable {
        /// It stays as it was made: the thing would have to be replaced. With what a person could do instead, if that is
        /// known.
        case replacement(hint: String? = nil)
        /// Part of one PATCH with the others, by the member of that name in the wanted body.
        case patch(member: String)
        /// A call of its own. What it sends beside the value, such as a fingerprint, comes from the thing as it is; nil
        /// when this difference would need replacing.
        case call(@Sendable (_ resource: JSONValue, _ path: String) -> GoogleCall?)
    }

    /// As Google calls it: `sourceRanges`.
    var name: String
    /// In the form in which `present` gives it.
    var wanted: JSONValue
    var present: @Sendable (_ resource: JSONValue) -> JSONValue
    var change: Change
    /// Whether what is there will do.
    var isSame: @Sendable (_ present: JSONValue, _ wanted: JSONValue) -> Bool = { $0 == $1 }
    /// The difference in words; nil: both values are shown.
    var words: (@Sendable (_ present: JSONValue, _ wanted: JSONValue) -> String)?

    func differs(in resource: JSONValue) -> Bool { !isSame(present(resource), wanted) }

    /// What takes a value away.
    var empty: JSONValue { wanted.arrayValue == nil ? .null : [] }

    /// `sourceRanges: 10.0.0.0/8 → 10.1.0.0/16`
    func line(_ resource: JSONValue) -> String {
        let there = present(resource)
        return "\(name): " + (words?(there, wanted) ?? "\(WantedField.shown(there)) → \(WantedField.shown(wanted))")
    }

    static func shown(_ value: JSONValue) -> String {
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
            case .string(let text) where text.hasPrefix("projects/"): ResourcePath.name(text)
            case .string(let text): text
            default: value.canonicalText
            }
        return GoogleWords.line(text, atMost: 120)
    }
}
