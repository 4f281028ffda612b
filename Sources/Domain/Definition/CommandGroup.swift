/// A word that several commands begin with, and that is no command itself: `preview` of `preview create`.
package struct CommandGroup: Sendable, Hashable {
    package var name: String
    package var summary: String
    /// The words that may follow, in the order of the file.
    package var subcommands: [String]
    /// The word that is meant when none of them follows.
    package var defaultSubcommand: String?

    package init(name: String, summary: String, subcommands: [String], defaultSubcommand: String? = nil) {
        self.name = name
        self.summary = summary
        self.subcommands = subcommands
        self.defaultSubcommand = defaultSubcommand
    }

    /// The command that is meant when no subcommand is named.
    package var defaultCommand: String? { defaultSubcommand.map { "\(name) \($0)" } }

    /// Whether `word` could be meant as a subcommand: it is one, or nearly.
    package func mayMean(_ word: String) -> Bool { NearestName.of(word, in: subcommands) != nil }
}
