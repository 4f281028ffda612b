package import Domain

extension RequestDesk {
    /// What a person is asked who gave none of a command's arguments; nil where something was typed, which is better
    /// corrected there, and where the channel has no forms.
    func form(
        of command: CommandDefinition, _ words: some Collection<String>, for request: CommandRequest,
        _ definitions: DefinitionSet
    ) -> CommandForm? {
        guard request.formTo != nil, words.allSatisfy({ $0 == "--plan" }) else { return nil }
        return CommandForm(
            of: command, people: definitions.people, isPlanOnly: !words.isEmpty, answerTo: request.answerTo,
            reportTo: request.reportTo, placeName: request.placeName)
    }

    /// Says that an id names nobody.
    static func unknownPerson(_ id: String, _ definitions: DefinitionSet) -> String? {
        guard !definitions.people.contains(where: { $0.id == id }) else { return nil }
        let nearest = NearestName.of(id, in: definitions.people.map(\.id))
        return "'\(id)' is nobody we know" + (nearest.map { " — did you mean '\($0)'?" } ?? "")
    }
}

/// Looks at filled-in forms with the definitions that are in force.
package struct DefinitionsFormCheck: FormCheck {
    private let definitions: CurrentDefinitions
    private let redactor: Redactor

    package init(_ definitions: CurrentDefinitions, redactor: Redactor) {
        self.definitions = definitions
        self.redactor = redactor
    }

    package func problems(in form: FilledForm) -> [String: String] {
        let definitions = definitions.value
        guard let command = definitions.commands[form.command] else {
            return ["": "there is no command '\(form.command)' any more"]
        }
        var problems: [String: String] = [:]
        for argument in command.arguments {
            guard let text = form.values[argument.name] else {
                if argument.isRequired, argument.defaultValue == nil, argument.type != .flag {
                    problems[argument.name] = argument.missing
                }
                continue
            }
            do {
                _ = try argument.value(of: text)
                if argument.type == .person { problems[argument.name] = RequestDesk.unknownPerson(text, definitions) }
            } catch { problems[argument.name] = error.message }
        }
        if problems.isEmpty {
            // What only the whole line shows: that it is too long, or that an argument is gone since.
            do {
                _ = try CommandLine.parse(
                    CommandLine.words(form.text).dropFirst(form.command.split(separator: " ").count), for: command)
            } catch { problems[""] = error.message }
        }
        return problems.mapValues { redactor.redact($0) }
    }
}
