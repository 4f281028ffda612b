import Domain

/// Checks the examples of commands: command lines that must be ones of the command they stand in.
struct CommandExampleChecker {
    let known: DefinitionSet
    let settings: CheckedSettings

    func problems(of example: Located<String>, in command: CommandDefinition) -> [Problem] {
        do throws(CommandLine.Invalid) {
            let words = try CommandLine.words(example.value)
            guard let rest = rest(of: words, command) else {
                return [
                    Problem(
                        "the example does not begin with '\(command.name)'", at: example.location,
                        fix: "write \(CommandLine.usage(of: command))")
                ]
            }
            let parsed = try CommandLine.parse(rest, for: command)
            return command.arguments.filter { $0.type == .person }.compactMap { argument in
                parsed.arguments[argument.name]?.stringValue.flatMap {
                    settings.problem(person: $0, at: example.location)
                }
            }
        } catch {
            return [Problem("the example cannot be read: \(error.message)", at: example.location)]
        }
    }

    /// The words after the command's name, or after that of the group whose default it is.
    private func rest(of words: [String], _ command: CommandDefinition) -> ArraySlice<String>? {
        let name = command.name.split(separator: " ").map(String.init)
        if words.starts(with: name) { return words.dropFirst(name.count) }
        guard let found = known.command(named: words), found.definition.name == command.name else { return nil }
        return found.rest
    }
}
