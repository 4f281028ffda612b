import Domain

/// Checks one rule's file and makes a definition of it.
struct RuleChecker {
    let source: Source
    let fields: [EventField]
    let settings: CheckedSettings
    let commands: [String: CommandDefinition]
    private(set) var problems: [Problem] = []

    init(
        source: Source, fields: [EventField], settings: CheckedSettings, commands: [String: CommandDefinition]
    ) {
        self.source = source
        self.fields = fields
        self.settings = settings
        self.commands = commands
    }

    mutating func definition(of file: RuleFile) -> RuleDefinition {
        var eventScope = PathScope()
        for field in fields { add(field, below: "", to: &eventScope) }
        problems += eventScope.problems(in: file.match)
        for (path, _) in file.extract {
            if let problem = eventScope.problem(naming: path.value, at: path.location, as: "'\(path.value)'") {
                problems.append(problem)
            }
        }
        let scope = ruleScope(file)
        if !file.isExtractBroken {
            for member in file.with { problems += scope.problems(in: member.value) }
            problems += scope.problems(in: file.per)
        }
        checkCommand(file, scope)
        problems += RuleReach.contradictions(in: file)
        return RuleDefinition(
            name: file.name?.value ?? "", source: source, match: file.match.map(\.value),
            extract: file.extract.map { Extraction(path: $0.path.value, pattern: $0.pattern.value) },
            run: file.run?.value ?? "", with: file.with, guards: file.guards, verify: file.verify,
            escalate: file.escalate.map(\.value), report: file.report.map(\.value),
            example: RuleChecker.examples(file).first, location: file.name?.location ?? file.location)
    }

    /// The examples that can be tried.
    static func examples(_ file: RuleFile) -> [RuleExample] {
        file.examples.compactMap { example in
            guard let payload = example.file, let runs = example.runs else { return nil }
            return RuleExample(
                file: payload.value, runs: runs.value == RuleExampleFile.nothing ? nil : runs.value,
                location: runs.location)
        }
    }

    private func add(_ field: EventField, below prefix: String, to scope: inout PathScope) {
        if field.isOpen { scope.addOpen(prefix + field.path) } else { scope.add(prefix + field.path, .any) }
    }

    /// What the templates of a rule may name, as `RuleDefinition.ruleScope` provides it.
    private mutating func ruleScope(_ file: RuleFile) -> PathScope {
        var scope = settings.scope
        for field in fields {
            add(field, below: "", to: &scope)
            add(field, below: "event.", to: &scope)
        }
        let taken = ["event", "pools", "env", "settings"]
        var found: Set<String> = []
        for (_, pattern) in file.extract {
            for name in pattern.value.groupNames {
                if !found.insert(name).inserted {
                    problems.append(
                        Problem("two groups are called '\(name)'", at: pattern.location, fix: "choose another name"))
                }
                if taken.contains(name) {
                    problems.append(
                        Problem("a group may not be called '\(name)'", at: pattern.location, fix: "choose another name")
                    )
                }
                scope.add(name, .any)
            }
        }
        return scope
    }

    private mutating func checkCommand(_ file: RuleFile, _ scope: PathScope) {
        guard let run = file.run else { return }
        guard let command = commands[run.value] else {
            let names = commands.keys.sorted()
            problems.append(
                Problem(
                    "there is no command '\(run.value)'", at: run.location,
                    fix: NearestName.of(run.value, in: names).map { "did you mean '\($0)'?" }
                        ?? "commands: \(names.joined(separator: ", "))"))
            return
        }
        for member in file.with { checkArgument(member, command, scope) }
        let names = command.arguments.map(\.name)
        // A misspelt name is reported as that alone.
        let given = file.with.flatMap {
            [$0.name] + (names.contains($0.name) ? [] : NearestName.several($0.name, in: names, limit: 1))
        }
        for argument in command.arguments where argument.isRequired && !given.contains(argument.name) {
            problems.append(
                Problem(
                    "'\(command.name)' cannot run without its argument '\(argument.name)'", at: run.location,
                    fix: "add with: {\(argument.name): …}, \(argument.type.requirement)"))
        }
    }

    private mutating func checkArgument(
        _ member: LocatedValue.Member, _ command: CommandDefinition, _ scope: PathScope
    ) {
        guard let argument = command.arguments.first(where: { $0.name == member.name }) else {
            let names = command.arguments.map(\.name)
            problems.append(
                Problem(
                    "'\(command.name)' has no argument '\(member.name)'", at: member.location,
                    fix: NearestName.of(member.name, in: names).map { "did you mean '\($0)'?" }
                        ?? (names.isEmpty ? "it takes none" : "it has \(names.joined(separator: ", "))")))
            return
        }
        // Arguments travel as text, as if a person had typed them.
        let texts: [String]
        if let text = member.value.text, text.contains("{{") {
            guard let path = (try? Template(parsing: text))?.wholePath,  // syntax is reported elsewhere
                case .choice(let known)? = scope.type(of: path)
            else { return }
            texts = known
        } else {
            texts = [member.value.json.plainText]
        }
        for text in texts where argument.type.parse(text) == nil {
            problems.append(
                Problem(
                    "'\(text.prefix(80))' is no value for the argument '\(argument.name)' of '\(command.name)'",
                    at: member.value.location, fix: "it must be \(argument.type.requirement)"))
        }
        if argument.type == .person, let id = texts.first, !settings.people.contains(where: { $0.id == id }) {
            problems.append(Problem("there is no person '\(id)' in the settings", at: member.value.location))
        }
    }
}
