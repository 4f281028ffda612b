/// All validated definitions that are in force at one time. A reload replaces the whole.
package struct DefinitionSet: Sendable {
    package var commands: [String: CommandDefinition]
    /// Words that commands begin with and that are no commands themselves, by name.
    package var groups: [String: CommandGroup]
    package var rules: [RuleDefinition]
    /// Those of `schedules/`; commands have their own beside them.
    package var schedules: [ScheduleDefinition]
    package var people: [Person]
    /// The roles that the settings describe, by name.
    package var roles: [String: RoleDefinition]
    /// What templates see as `pools`, `settings` and `env`: the named, non-secret part of the settings.
    package var variables: [String: JSONValue]
    /// Where automatic jobs report when their rule names no place.
    package var defaultReport: [Place]
    /// Who is called, by the names of their lists.
    package var onCall: [String: OnCallList] = [:]
    /// SHA-256 over the files, in hexadecimal.
    package var hash: String

    package init(
        commands: [String: CommandDefinition], groups: [String: CommandGroup] = [:], rules: [RuleDefinition],
        schedules: [ScheduleDefinition] = [], people: [Person], roles: [String: RoleDefinition] = [:],
        variables: [String: JSONValue],
        defaultReport: [Place], hash: String
    ) {
        self.commands = commands
        self.groups = groups
        self.rules = rules
        self.schedules = schedules
        self.people = people
        self.roles = roles
        self.variables = variables
        self.defaultReport = defaultReport
        self.hash = hash
    }

    /// All schedules by name, those of commands with them.
    package var allSchedules: [ScheduleDefinition] {
        let own = commands.values.compactMap { command in
            command.schedule.map { schedule in
                var schedule = schedule
                (schedule.name, schedule.run) = (command.name, command.name)
                return schedule
            }
        }
        return (own + schedules).sorted { $0.name < $1.name }
    }

    /// The person who has this identity.
    package func person(_ identity: Identity) -> Person? {
        people.first { $0.identities[identity.channel] == identity.userID }
    }

    /// The longest name of a command that a command line may begin with, in words.
    package static let mostWords = 3

    /// The command that the first words of a command line name: the longest name wins. A group stands for its default
    /// subcommand, unless the next word could be meant as another one.
    package func command(named words: [String]) -> (definition: CommandDefinition, rest: ArraySlice<String>)? {
        for count in stride(from: min(words.count, DefinitionSet.mostWords), through: 1, by: -1) {
            let name = words.prefix(count).joined(separator: " ")
            let rest = words.dropFirst(count)
            if let found = commands[name] { return (found, rest) }
            if let group = groups[name] {
                guard let name = group.defaultCommand, let found = commands[name],
                    !(rest.first.map(group.mayMean) ?? false)
                else { return nil }
                return (found, rest)
            }
        }
        return nil
    }

    /// The group that the first words of a command line name: the longest name wins.
    package func group(named words: [String]) -> CommandGroup? {
        for count in stride(from: min(words.count, DefinitionSet.mostWords), through: 1, by: -1) {
            if let found = groups[words.prefix(count).joined(separator: " ")] { return found }
        }
        return nil
    }
}
