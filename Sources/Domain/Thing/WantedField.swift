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
