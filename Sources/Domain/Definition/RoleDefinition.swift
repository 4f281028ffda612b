/// A role that the settings describe. One that they do not describe may run every command that names it.
package struct RoleDefinition: Sendable, Hashable {
    package var name: String
    /// One line for people; nil when the settings give none.
    package var summary: String?
    /// What of the commands that name the role its people may run; nil: all of them.
    package var may: [Permission]?

    package init(name: String, summary: String? = nil, may: [Permission]? = nil) {
        self.name = name
        self.summary = summary
        self.may = may
    }

    /// The permissions that speak of this command; nil when the role has no limits.
    package func permissions(for command: String) -> [Permission]? { may?.filter { $0.command.covers(command) } }
}

/// One thing that a role may run.
package struct Permission: Sendable, Hashable {
    package var command: CommandPattern
    /// All pools that the job is about must be among these, and there must be one; nil: any.
    package var pools: [String]?
    /// By an argument's name, the values that it may have, as a person would type them. Left out, it has none.
    package var arguments: [String: [String]]

    package init(command: CommandPattern, pools: [String]? = nil, arguments: [String: [String]] = [:]) {
        self.command = command
        self.pools = pools
        self.arguments = arguments
    }

    /// Whether a job with these arguments that is about these pools is covered. `pools` is nil when that is not known.
    package func covers(arguments given: [String: JSONValue], pools about: Set<String>?) -> Bool {
        if let pools {
            guard let about, !about.isEmpty, about.isSubset(of: pools) else { return false }
        }
        return arguments.allSatisfy { name, values in
            guard let value = given[name], value != .null else { return false }
            return values.contains(value.plainText)
        }
    }

    /// The limits, for people: `in the pool analytics or ml, with force false`; nil when there are none.
    package var limits: String? {
        var parts: [String] = []
        if let pools { parts.append("in the pool \(pools.joined(separator: " or "))") }
        for (name, values) in arguments.sorted(by: { $0.key < $1.key }) {
            parts.append("with \(name) \(values.joined(separator: " or "))")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

/// The commands that a permission speaks of: `deploy`, `preview *` for all whose names begin with `preview `, or `*`.
package struct CommandPattern: Sendable, Hashable, CustomStringConvertible {
    package var text: String

    package init(_ text: String) { self.text = text }

    /// Whether it speaks of the command with this whole name.
    package func covers(_ name: String) -> Bool {
        if text == "*" { return true }
        return text.hasSuffix(" *") ? name.hasPrefix(text.dropLast()) : name == text
    }

    package var description: String { text }
}
