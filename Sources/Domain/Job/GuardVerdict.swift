/// What one guard said about a job when it was looked at last.
package struct GuardVerdict: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, Hashable {
        case passes
        /// Not now; it is looked at again.
        case holds
        /// Not at all.
        case refuses
        /// A person decides.
        case asks
    }

    /// As definitions write it: `cooldown`.
    package var guardName: String
    package var outcome: Outcome
    /// What it saw, for people.
    package var says: String

    private enum CodingKeys: String, CodingKey {
        case guardName = "guard"
        case outcome, says
    }

    package init(_ guardName: String, _ outcome: Outcome, _ says: String) {
        self.guardName = guardName
        self.outcome = outcome
        self.says = says
    }

    /// As the ledger and `explain` keep it.
    package var json: JSONValue {
        ["guard": .string(guardName), "outcome": .string(outcome.rawValue), "says": .string(says)]
    }
}

/// A group of which only so many jobs may be under way at once.
package struct JobGroup: Sendable, Codable, Hashable {
    package var name: String
    package var atMost: Int

    package init(name: String, atMost: Int) {
        self.name = name
        self.atMost = atMost
    }
}
