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

    /// Whether its events come in groups that are events too.
    var hasGroups: Bool { fields.contains { $0.kinds.contains(RuleDefinition.ForEach.group.rawValue) } }

    /// A rule that does not look at the kind may be meant for all of them.
    func fields(for matchers: [Matcher], forEach: RuleDefinition.ForEach) -> Fields {
        if hasGroups { return fields(forEach: forEach) }
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

    private func fields(forEach: RuleDefinition.ForEach) -> Fields {
        var found = Fields()
        for field in fields {
            if field.kinds.isEmpty || field.kinds.contains(forEach.rawValue) {
                found.there.append(field)
            } else {
                found.elsewhere.append(
                    (
                        field.path,
                        forEach == .group
                            ? "a group has no '\(field.path)' of its own: name commonLabels, groupLabels, or its lists "
                                + "firing and resolved"
                            : "only rules with 'for_each: group' have it"
                    ))
            }
        }
        // What one kind has under a name another one has too.
        let there = Set(found.there.map(\.path))
        found.elsewhere.removeAll { there.contains($0.path) }
        return found
    }

    private func list(_ kinds: [String]) -> String {
        kinds.count == 1 ? kinds[0] : kinds.dropLast().joined(separator: ", ") + " and " + (kinds.last ?? "")
    }
}
