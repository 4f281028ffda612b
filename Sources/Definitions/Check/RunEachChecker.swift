import Domain

/// Checks that the commands which steps start are commands, and get the arguments that they need.
enum RunEachChecker {
    static func problems(of step: StepDefinition, in known: DefinitionSet) -> [Problem] {
        guard step.action == JobStart.action, let value = step.input["command"], let name = value.text,
            !name.contains("{{")
        else { return [] }
        guard let command = known.commands[name] else {
            let names = known.commands.keys.sorted()
            return [
                Problem(
                    "there is no command '\(name)'", at: value.location,
                    fix: NearestName.of(name, in: names).map { "did you mean '\($0)'?" }
                        ?? "commands: \(names.joined(separator: ", "))")
            ]
        }
        let given = (step.input["arguments"]?.items ?? []).compactMap { item in
            item.text.map { Located(value: $0, location: item.location) }
        }
        return ArgumentsChecker.problems(
            ofNames: given, for: command, at: step.input["arguments"]?.location ?? value.location
        ) { "add '\($0)' to arguments" }
    }
}
