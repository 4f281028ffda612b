import Domain

/// Which fields the events have that a rule matches, for a source whose kinds of event differ.
struct RuleKinds {
    /// The attribute that says an event's kind.
    static let path = "kind"

    struct Fields {
        var there: [EventField] = []
        /// Paths that other kinds have, with the reason.
        var elsewhere: [(path: String, reason: String)] = []
    }

    private let fields: [EventField]

    init(_ fields: [EventField]) { self.fields = fields }

    /// A rule that does not look at the kind may be meant for all of them.
    func fields(for matchers: [Matcher]) -> Fields {
        let matchers = matchers.filter { $0.path == RuleKinds.path }
        guard !matchers.isEmpty, fields.contains(where: { $0.path == RuleKinds.path }) else {
            return Fields(there: fields)
        }
        var found = Fields()
        for field in fields {
            let isThere =
                field.kinds.isEmpty
                || field.kinds.contains { kind in
                    let event: JSONValue = .object([RuleKinds.path: .string(kind)])
                    return matchers.allSatisfy { $0.verdict(on: event).holds }
                }
            if isThere {
                found.there.append(field)
            } else {
                found.elsewhere.append((field.path, "only events of kind \(list(field.kinds)) have it"))
            }
        }
        return found
    }

    private func list(_ kinds: [String]) -> String {
        kinds.count == 1 ? kinds[0] : kinds.dropLast().joined(separator: ", ") + " and " + (kinds.last ?? "")
    }
}
