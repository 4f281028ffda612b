import Domain

/// Checks the arguments that a rule or a schedule gives to a command.
struct ArgumentsChecker {
    let settings: CheckedSettings
    /// What the templates may name; that they name nothing else is checked apart.
    let scope: PathScope

    /// What is wrong with `with`; a missing argument is reported at `place`.
    func problems(of with: [LocatedValue.Member], for command: CommandDefinition, at place: SourceLocation) -> [Problem]
    {
        let given = with.map { Located(value: $0.name, location: $0.location) }
        var problems = ArgumentsChecker.problems(ofNames: given, for: command, at: place) { "add with: {\($0): …}" }
        for member in with { problems += self.problems(of: member, command) }
        return problems
    }

    /// Names that are no arguments, and required ones that are missing.
    static func problems(
        ofNames given: [Located<String>], for command: CommandDefinition, at place: SourceLocation,
        adding: (String) -> String
    ) -> [Problem] {
        let names = command.arguments.map(\.name)
        var problems: [Problem] = []
        var meant = Set(given.map(\.value))
        for name in given where !names.contains(name.value) {
            let nearest = NearestName.of(name.value, in: names)
            // A misspelt name is reported as that alone.
            if let nearest { meant.insert(nearest) }
            problems.append(
                Problem(
                    "'\(command.name)' has no argument '\(name.value)'", at: name.location,
                    fix: nearest.map { "did you mean '\($0)'?" }
                        ?? (names.isEmpty ? "it takes none" : "it has \(names.joined(separator: ", "))")))
        }
        for argument in command.arguments where argument.isRequired && !meant.contains(argument.name) {
            problems.append(
                Problem(
                    "'\(command.name)' cannot run without its argument '\(argument.name)'", at: place,
                    fix: "\(adding(argument.name)), \(argument.type.requirement)"))
        }
        return problems
    }

    private func problems(of member: LocatedValue.Member, _ command: CommandDefinition) -> [Problem] {
        guard let argument = command.arguments.first(where: { $0.name == member.name }) else { return [] }
        // Arguments travel as text, as if a person had typed them.
        let texts: [String]
        if let text = member.value.text, text.contains("{{") {
            guard let path = (try? Template(parsing: text))?.wholePath,  // syntax is reported elsewhere
                case .choice(let known)? = scope.type(of: path)
            else { return [] }
            texts = known
        } else {
            texts = [member.value.json.plainText]
        }
        var problems: [Problem] = []
        for text in texts where argument.type.parse(text) == nil {
            problems.append(
                Problem(
                    "'\(text.prefix(80))' is no value for the argument '\(argument.name)' of '\(command.name)'",
                    at: member.value.location, fix: "it must be \(argument.type.requirement)"))
        }
        if argument.type == .person, let id = texts.first,
            let problem = settings.problem(person: id, at: member.value.location)
        {
            problems.append(problem)
        }
        return problems
    }
}
