import Domain

/// Checks one command's file and makes definitions of it and of its subcommands.
struct CommandChecker {
    let actions: ActionCatalogue
    let settings: CheckedSettings
    private(set) var problems: [Problem] = []
    /// Offers are checked when all commands are known.
    private(set) var offers: [(offer: OfferFile, command: String)] = []

    /// Names of commands that are code.
    static let reserved = [
        "help", "jobs", "job", "cancel", "retry", "status", "whoami", "explain", "approve", "deny", "freeze", "thaw",
        "ack", "unlock", "audit", "rules", "schedules", RuleExampleFile.nothing,
    ]
    /// The most words that a command's name may have.
    static let mostWords = 3

    init(actions: ActionCatalogue, settings: CheckedSettings) {
        self.actions = actions
        self.settings = settings
    }

    /// What subcommands take over from the command above them when they say nothing themselves.
    private struct Inherited {
        var words: [String] = []
        var roles: [String] = []
        var timeout = CommandFile.usualTimeout
        var startWithin: Duration?
        var report: [Place] = []
    }

    /// The command and its subcommands.
    mutating func definitions(of file: CommandFile) -> [CommandDefinition] {
        if let name = file.name, CommandChecker.reserved.contains(name.value) {
            problems.append(
                Problem("'\(name.value)' is a built-in command", at: name.location, fix: "choose another name"))
        }
        return definitions(of: file, Inherited())
    }

    private mutating func definitions(of file: CommandFile, _ above: Inherited) -> [CommandDefinition] {
        var own = Inherited(
            words: above.words + [file.name?.value ?? ""], roles: file.roles?.map(\.value) ?? above.roles,
            timeout: file.timeout?.value ?? above.timeout, startWithin: file.startWithin?.value ?? above.startWithin,
            report: file.report?.map(\.value) ?? above.report)
        if !above.words.isEmpty, let name = file.name, !TextForm.command.matches(name.value) {
            problems.append(Problem("a subcommand's name must be \(TextForm.command.help)", at: name.location))
        }
        if own.words.count > CommandChecker.mostWords {
            problems.append(
                Problem(
                    "a command's name has at most \(CommandChecker.mostWords) words", at: file.location,
                    fix: "make it an argument"))
            own.words = Array(own.words.prefix(CommandChecker.mostWords))
        }
        var definitions: [CommandDefinition] = []
        if file.steps == nil, !file.subcommands.isEmpty {
            checkGroup(file)
        } else {
            definitions.append(definition(of: file, own))
        }
        for subcommand in file.subcommands { definitions += self.definitions(of: subcommand, own) }
        return definitions
    }

    /// A command that has subcommands and no steps is only their common word.
    private mutating func checkGroup(_ file: CommandFile) {
        let useful = ["command", "summary", "roles", "timeout", "start_within", "report", "subcommands"]
        for key in file.keys where !useful.contains(key.value) {
            problems.append(
                Problem(
                    "'\(key.value)' has no effect: '\(file.name?.value ?? "")' has subcommands and no steps",
                    at: key.location, fix: "move it into the subcommands"))
        }
    }

    private mutating func definition(of file: CommandFile, _ own: Inherited) -> CommandDefinition {
        let name = own.words.joined(separator: " ")
        if file.steps?.isEmpty ?? true, file.keys.contains(where: { $0.value == "steps" }) || file.subcommands.isEmpty {
            problems.append(
                Problem("command '\(name)' has no steps", at: file.location, fix: "add steps: [{uses: …}]"))
        }
        var scope = settings.scope
        addArguments(file.arguments, to: &scope)
        scope.add("job.id", .integer(nil))
        for word in ["command", "requester", "commandline"] { scope.add("job.\(word)", .text(nil)) }
        for lock in file.locks { checkLock(lock, scope) }

        let failureSteps = file.onFailure?.steps ?? []
        var steps = StepChecker(actions: actions, scope: scope, all: (file.steps ?? []) + failureSteps)
        let main = (file.steps ?? []).map { steps.check($0, jobTimeout: own.timeout) }
        let mainScope = steps.scope
        let after = failureSteps.map { steps.check($0, jobTimeout: own.timeout) }
        problems += steps.problems + mainScope.problems(in: file.onSuccess)
        problems += steps.scope.problems(in: file.onFailure?.says) + steps.scope.problems(in: file.onFailure?.hint)
        for offer in file.offers {
            problems += mainScope.problems(in: offer.label) + mainScope.problems(in: offer.run)
            offers.append((offer, name))
        }
        let definition = CommandDefinition(
            name: name, summary: file.summary?.value ?? "", arguments: file.arguments.map(argument),
            roles: own.roles, locks: file.locks.compactMap(lock), timeout: own.timeout, startWithin: own.startWithin,
            steps: main,
            onFailure: OnFailure(steps: after, says: file.onFailure?.says?.value, hint: file.onFailure?.hint?.value),
            offers: file.offers.map { OfferDefinition(label: $0.label?.value ?? "", run: $0.run?.value ?? "") },
            onSuccess: file.onSuccess?.value, examples: file.examples.map(\.value), report: own.report,
            location: file.name?.location ?? file.location)
        checkExamples(file.examples, definition)
        return definition
    }

    // MARK: Arguments

    private mutating func addArguments(_ files: [ArgumentFile], to scope: inout PathScope) {
        for file in files {
            scope.add("arguments.\(file.name.value)", file.type)
            if !TextForm.argument.matches(file.name.value) {
                problems.append(
                    Problem("an argument's name must be \(TextForm.argument.help)", at: file.name.location))
            }
            if file.name.value == "plan" {
                problems.append(
                    Problem("every command has --plan already", at: file.name.location, fix: "choose another name"))
            }
            if file.type == .person, let id = file.defaultValue?.json.stringValue {
                if let problem = problem(person: id, at: file.defaultValue?.location ?? file.name.location) {
                    problems.append(problem)
                }
            }
        }
        if let pool = files.first(where: { $0.name.value == "pool" }) { addPool(pool, to: &scope) }
    }

    private func problem(person id: String, at location: SourceLocation) -> Problem? {
        let ids = settings.people.map(\.id)
        if ids.contains(id) { return nil }
        return Problem(
            "there is no person '\(id)' in the settings", at: location,
            fix: NearestName.of(id, in: ids).map { "did you mean '\($0)'?" })
    }

    /// `pool.<setting>`: the settings of the pool that the argument names.
    private mutating func addPool(_ file: ArgumentFile, to scope: inout PathScope) {
        var names = settings.pools.keys.sorted()
        if case .choice(let choices) = file.type {
            for choice in choices where !names.contains(choice) {
                problems.append(
                    Problem(
                        "the choice '\(choice)' of the argument 'pool' is no pool of the settings",
                        at: file.name.location,
                        fix: NearestName.of(choice, in: names).map { "did you mean '\($0)'?" }
                            ?? "pools: \(names.joined(separator: ", "))"))
            }
            names = choices.filter { settings.pools[$0] != nil }
        }
        var values: [String: [JSONValue]] = [:]
        for name in names {
            for (setting, value) in settings.pools[name] ?? [:] { values[setting, default: []].append(value) }
        }
        for (setting, values) in values { scope.add("pool.\(setting)", CheckedSettings.type(of: values)) }
    }

    private func argument(_ file: ArgumentFile) -> ArgumentDefinition {
        ArgumentDefinition(
            name: file.name.value, type: file.type, help: file.help,
            isRequired: !file.isOptional && file.defaultValue == nil && file.type != .flag,
            defaultValue: file.defaultValue?.json, location: file.name.location)
    }

    // MARK: Locks and examples

    private mutating func checkLock(_ file: LockFile, _ scope: PathScope) {
        problems += scope.problems(in: file.path)
        guard let path = file.path else { return }
        guard let literal = Located<String>.filled(path.value) else { return }
        let parts = literal.split(separator: "/", omittingEmptySubsequences: false)
        let isFine = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        }
        if !isFine {
            problems.append(
                Problem(
                    "a lock must be a path of letters, digits, '.', '_' and '-' with '/' between its parts",
                    at: path.location, fix: "for example pool/analytics"))
        }
    }

    private func lock(_ file: LockFile) -> LockTemplate? {
        guard let text = file.path?.value else { return nil }
        // Its syntax has been checked where it was read.
        guard let template = try? Template(parsing: text) else { return nil }
        return LockTemplate(path: template, mode: file.mode)
    }

    private mutating func checkExamples(_ examples: [Located<String>], _ command: CommandDefinition) {
        let name = command.name.split(separator: " ").map(String.init)
        for example in examples {
            do throws(CommandLine.Invalid) {
                let words = try CommandLine.words(example.value)
                guard words.starts(with: name) else {
                    problems.append(
                        Problem(
                            "the example does not begin with '\(command.name)'", at: example.location,
                            fix: "write \(CommandLine.usage(of: command))"))
                    continue
                }
                let parsed = try CommandLine.parse(words.dropFirst(name.count), for: command)
                for argument in command.arguments where argument.type == .person {
                    if let id = parsed.arguments[argument.name]?.stringValue,
                        let problem = problem(person: id, at: example.location)
                    {
                        problems.append(problem)
                    }
                }
            } catch {
                problems.append(Problem("the example cannot be read: \(error.message)", at: example.location))
            }
        }
    }
}
