/// All validated definitions that are in force at one time. A reload replaces the whole.
package struct DefinitionSet: Sendable {
    package var commands: [String: CommandDefinition]
    package var rules: [RuleDefinition]
    package var people: [Person]
    /// What templates see as `pools`, `settings` and `env`: the named, non-secret part of the settings.
    package var variables: [String: JSONValue]
    /// Where automatic jobs report when their rule names no place.
    package var defaultReport: [Place]
    /// SHA-256 over the files, in hexadecimal.
    package var hash: String

    package init(
        commands: [String: CommandDefinition], rules: [RuleDefinition], people: [Person],
        variables: [String: JSONValue], defaultReport: [Place], hash: String
    ) {
        self.commands = commands
        self.rules = rules
        self.people = people
        self.variables = variables
        self.defaultReport = defaultReport
        self.hash = hash
    }

    /// The person who has this identity.
    package func person(_ identity: Identity) -> Person? {
        people.first { $0.identities[identity.channel] == identity.userID }
    }

    /// The command that the first words of a command line name: the longest name wins.
    package func command(named words: [String]) -> (definition: CommandDefinition, rest: ArraySlice<String>)? {
        for count in stride(from: min(words.count, 3), through: 1, by: -1) {
            if let found = commands[words.prefix(count).joined(separator: " ")] {
                return (found, words.dropFirst(count))
            }
        }
        return nil
    }
}
