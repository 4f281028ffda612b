/// What proves that a job had its effect. All of it must hold.
package struct VerifyDefinition: Sendable, Hashable, Codable {
    /// The alert must be resolved within that long after the last step, in milliseconds; nil: it need not be.
    package var alertResolvedWithinMilliseconds: Int64?
    /// Looks that must succeed.
    package var checks: [VerifyCheck]

    package init(alertResolvedWithinMilliseconds: Int64? = nil, checks: [VerifyCheck] = []) {
        self.alertResolvedWithinMilliseconds = alertResolvedWithinMilliseconds
        self.checks = checks
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        alertResolvedWithinMilliseconds = try values.decodeIfPresent(
            Int64.self, forKey: .alertResolvedWithinMilliseconds)
        // Ledgers from before there were checks have none.
        checks = try values.decodeIfPresent([VerifyCheck].self, forKey: .checks) ?? []
    }

    /// What a rule and its command ask for together; nil when neither asks for anything.
    package static func both(_ rule: VerifyDefinition?, _ command: VerifyDefinition?) -> VerifyDefinition? {
        guard var all = rule else { return command }
        all.checks += command?.checks ?? []
        return all
    }

    /// With the inputs of its checks filled in from `scope`. Throws `Template.Missing`.
    package func filledIn(_ scope: JSONValue) throws -> VerifyDefinition {
        var filled = self
        filled.checks = try checks.map { try $0.filledIn(scope) }
        return filled
    }
}

/// An action that only looks, tried again until it succeeds.
package struct VerifyCheck: Sendable, Hashable, Codable {
    /// The shortest and the longest time between two looks.
    package static let everyBounds = Duration.seconds(1)...Duration.seconds(3600)
    /// How long it may be tried.
    package static let withinBounds = Duration.seconds(1)...Duration.seconds(86_400)
    /// The time between two looks, unless its file says otherwise.
    package static let usualEvery = Duration.seconds(15)

    /// The action's name.
    package var action: String
    /// The action's inputs.
    package var input: JSONValue
    /// Whether the inputs are filled in, so that what looks like a template in them is none.
    package var isFilledIn: Bool
    /// How long after the last step the last look begins at the latest, in milliseconds.
    package var withinMilliseconds: Int64
    /// The time between two looks, in milliseconds.
    package var everyMilliseconds: Int64

    package init(
        action: String, input: JSONValue, isFilledIn: Bool = false, withinMilliseconds: Int64,
        everyMilliseconds: Int64 = VerifyCheck.usualEvery.milliseconds
    ) {
        self.action = action
        self.input = input
        self.isFilledIn = isFilledIn
        self.withinMilliseconds = withinMilliseconds
        self.everyMilliseconds = everyMilliseconds
    }

    /// With its inputs filled in from `scope`; once only. Throws `Template.Missing`.
    package func filledIn(_ scope: JSONValue) throws -> VerifyCheck {
        guard !isFilledIn else { return self }
        var filled = self
        filled.input = try LocatedValue(input).rendered(scope).json
        filled.isFilledIn = true
        return filled
    }
}
