import Domain

/// Checks one command's file and makes definitions of it and of its subcommands.
struct CommandChecker {
    let actions: ActionCatalogue
    let settings: CheckedSettings
    private(set) var problems: [Problem] = []
    /// Words that commands begin with and that are none themselves.
    private(set) var groups: [String: CommandGroup] = [:]
    /// Offers, guards and examples are checked when all commands are known.
    private(set) var offers: [OfferFile] = []
    private(set) var guards: [GuardsFile] = []
    /// The roles that commands name.
    private(set) var roles: [Located<String>] = []
    private(set) var examples: [(example: Located<String>, command: CommandDefinition)] = []

    /// Names of commands that are code.
    static let reserved = [
        "help", "jobs", "job", "cancel", "retry", "status", "whoami", "explain", "approve", "deny", "freeze", "thaw",
        "ack", "unlock", "confirm", "audit", "rules", "overrides", "schedules", "maintenance", "breaker",
        RuleExampleFile.nothing,
    ]
    init(actions: ActionCatalogue, settings: CheckedSettings) {
        self.actions = actions
        self.settings = settings
    }

    /// What subcommands take over from the command above them when they say nothing themselves.
    private struct Inherited {
        var words: [String] = []
        var roles: [String] = []
        var channels: [Place] = []
        var timeout = CommandFile.usualTimeout
        var startWithin: Duration?
        var report: [Located<PlaceTemplate>] = []
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
            channels: file.channels?.map(\.value) ?? above.channels,
            timeout: file.timeout?.value ?? above.timeout, startWithin: file.startWithin?.value ?? above.startWithin,
            report: file.report ?? above.report)
        if !above.words.isEmpty, let name = file.name, !TextForm.command.matches(name.value) {
            problems.append(Problem("a subcommand's name must be \(TextForm.command.help)", at: name.location))
        }
        roles += file.roles ?? []
        problems += (file.channels ?? []).compactMap(ChannelsChecker.problem)
        if own.words.count > DefinitionSet.mostWords {
            problems.append(
                Problem(
                    "a command's name has at most \(DefinitionSet.mostWords) words", at: file.location,
                    fix: "make it an argument"))
            own.words = Array(own.words.prefix(DefinitionSet.mostWords))
        }
        var definitions: [CommandDefinition] = []
        if file.steps == nil, !file.subcommands.isEmpty {
            checkGroup(file)
            addGroup(file, own.words.joined(separator: " "))
        } else {
            if let name = file.defaultSubcommand {
                problems.append(
                    Problem(
                        "'default_subcommand' has no effect: the command has steps of its own, or no subcommands",
                        at: name.location, fix: "remove it"))
            }
            definitions.append(definition(of: file, own))
        }
        for subcommand in file.subcommands { definitions += self.definitions(of: subcommand, own) }
        return definitions
    }

    /// A command that has subcommands and no steps is only their common word.
    private mutating func checkGroup(_ file: CommandFile) {
        let useful = [
            "command", "summary", "roles", "channels", "timeout", "start_within", "report", "default_subcommand",
            "subcommands",
        ]
        for key in file.keys where !useful.contains(key.value) {
            problems.append(
                Problem(
                    "'\(key.value)' has no effect: '\(file.name?.value ?? "")' has subcommands and no steps",
                    at: key.location, fix: "move it into the subcommands"))
        }
    }

    private mutating func addGroup(_ file: CommandFile, _ name: String) {
        let runnable = file.subcommands.filter { $0.steps != nil || $0.subcommands.isEmpty }.compactMap(\.name?.value)
        if let wanted = file.defaultSubcommand, !runnable.contains(wanted.value) {
            problems.append(
                Problem(
                    "'\(wanted.value)' is no subcommand of '\(name)' that can run", at: wanted.location,
                    fix: NearestName.of(wanted.value, in: runnable).map { "did you mean '\($0)'?" }
                        ?? "there is \(runnable.joined(separator: ", "))"))
        }
        groups[name] = CommandGroup(
            name: name, summary: file.summary?.value ?? "", subcommands: file.subcommands.compactMap(\.name?.value),
            defaultSubcommand: file.defaultSubcommand?.value)
    }

    /// What is known when a job is made; its number is not.
    private mutating func doorScope(_ file: CommandFile) -> PathScope {
        var scope = settings.scope
        addArguments(file.arguments, to: &scope)
        for word in ["command", "requester", "person", "commandline"] { scope.add("job.\(word)", .text(nil)) }
        scope.addElsewhere("job.id", "a job has its number only when it has been made")
        return scope
    }

    private mutating func definition(of file: CommandFile, _ own: Inherited) -> CommandDefinition {
        let name = own.words.joined(separator: " ")
        if file.steps?.isEmpty ?? true, file.keys.contains(where: { $0.value == "steps" }) || file.subcommands.isEmpty {
            problems.append(
                Problem("command '\(name)' has no steps", at: file.location, fix: "add steps: [{uses: …}]"))
        }
        let door = doorScope(file)
        for lock in file.locks { checkLock(lock, door) }
        problems += door.problems(in: file.supersedes) + door.problems(in: file.about)
        problems += door.problems(in: own.report)
        for template in file.guards?.templates ?? [] { problems += door.problems(in: template) }
        guards += [file.guards, file.schedule?.guards].compactMap { $0 }
        var scope = door
        scope.add("job.id", .integer(nil))
        for word in ["step", "reason", "outcome"] {
            scope.addElsewhere("failure.\(word)", "a failure is known under on_failure alone")
        }
        let failureSteps = file.onFailure?.steps ?? []
        var steps = StepChecker(actions: actions, scope: scope, all: (file.steps ?? []) + failureSteps)
        let main = (file.steps ?? []).map { steps.check($0, jobTimeout: own.timeout) }
        let mainScope = steps.scope
        steps.enterOnFailure()
        let after = failureSteps.map { steps.check($0, jobTimeout: own.timeout) }
        problems += steps.problems + mainScope.problems(in: file.onSuccess)
        problems += steps.scope.problems(in: file.onFailure?.says) + steps.scope.problems(in: file.onFailure?.hint)
        for offer in file.offers {
            problems += mainScope.problems(in: offer.label) + mainScope.problems(in: offer.run)
        }
        offers += file.offers
        problems += ApprovalChecker.problems(of: file.approvals, main, door, people: settings.people)
        var definition = CommandDefinition(
            name: name, summary: file.summary?.value ?? "", arguments: file.arguments.map(argument),
            roles: own.roles, locks: file.locks.compactMap(lock), timeout: own.timeout, startWithin: own.startWithin,
            steps: main,
            onFailure: OnFailure(steps: after, says: file.onFailure?.says?.value, hint: file.onFailure?.hint?.value),
            offers: file.offers.map { OfferDefinition(label: $0.label?.value ?? "", run: $0.run?.value ?? "") },
            onSuccess: file.onSuccess?.value, examples: file.examples.map(\.value), report: own.report.map(\.value),
            supersedes: template(file.supersedes), about: template(file.about),
            isQuiet: file.isQuiet, channels: own.channels, location: file.name?.location ?? file.location)
        definition.guards = file.guards?.guards ?? Guards()
        definition.isUpkeep = file.isUpkeep
        definition.approvals = file.approvals.map(\.definition)
        definition.asksForConfirmation = file.confirm?.value ?? false
        if let verify = file.verify {
            var checker = VerifyChecker(actions: actions, scope: mainScope)
            definition.verify = checker.definition(of: verify, knowsAlert: false)
            problems += checker.problems
        }
        if let schedule = file.schedule {
            var checker = ScheduleChecker(settings: settings)
            definition.schedule = checker.definition(of: schedule, for: definition)
            problems += checker.problems
        }
        examples += file.examples.map { [definition] in ($0, definition) }
        return definition
    }

    private func template(_ text: Located<String>?) -> Template? {
        // Its syntax has been checked where it was read.
        text.flatMap { try? Template(parsing: $0.value) }
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
                if let problem = settings.problem(person: id, at: file.defaultValue?.location ?? file.name.location) {
                    problems.append(problem)
                }
            }
        }
        if let pool = files.first(where: { $0.name.value == "pool" }) { addPool(pool, to: &scope) }
        for file in files { checkDefault(file, scope) }
    }

    /// A default with templates is filled in before arguments are.
    private mutating func checkDefault(_ file: ArgumentFile, _ scope: PathScope) {
        guard let value = file.defaultValue, case .text = file.type, let text = value.json.stringValue,
            let template = try? Template(parsing: text)  // its syntax has been checked where it was read
        else { return }
        for path in template.paths {
            if path.hasPrefix("arguments.") {
                problems.append(
                    Problem(
                        "a default cannot name {{\(path)}}", at: value.location,
                        fix: "name a setting, as pool.namespace"))
            } else if let problem = scope.problem(naming: path, at: value.location) {
                problems.append(problem)
            }
        }
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
            defaultValue: file.defaultValue?.json, context: file.context, location: file.name.location)
    }

    // MARK: Locks

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
        template(file.path).map { LockTemplate(path: $0, mode: file.mode) }
    }
}
