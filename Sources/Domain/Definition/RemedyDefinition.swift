/// A further remedy of a rule: what it runs when the one before did not help.
package struct RemedyDefinition: Sendable, Hashable {
    /// Further remedies of one rule.
    package static let most = 5

    /// The command it runs.
    package var run: String
    /// The command's arguments, templates not filled in.
    package var with: [LocatedValue.Member]
    /// What proves that it had its effect; nil: what proves it for the rule.
    package var verify: VerifyDefinition?

    package init(run: String, with: [LocatedValue.Member], verify: VerifyDefinition?) {
        self.run = run
        self.with = with
        self.verify = verify
    }
}
