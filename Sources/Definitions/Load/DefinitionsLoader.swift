package import Domain
import Foundation
import YAML

/// Reads `defimon.yaml`, `commands/`, `webhooks/` and `schedules/` raw, validates them once, and reports every problem together.
/// Called at start, at each reload, and by `defimon check`.
package struct DefinitionsLoader: Sendable {
    let root: String
    let settingsPath: String
    let actions: ActionCatalogue
    let sections: [SettingsSection]
    let decoders: [any EventDecoder]
    let environment: [String: String]

    /// `settingsPath` is taken from `root` on unless it is absolute. `environment` holds the process' variables and
    /// those of `.env`.
    package init(
        root: String, settingsPath: String = "defimon.yaml", actions: ActionCatalogue, sections: [SettingsSection],
        decoders: [any EventDecoder], environment: [String: String]
    ) {
        self.root = root
        self.settingsPath = settingsPath
        self.actions = actions
        self.sections = sections
        self.decoders = decoders
        self.environment = environment
    }

    /// Reads and validates everything but the rules' examples.
    package func load() -> LoadedDefinitions {
        let files = DefinitionFiles(root: root, settingsPath: settingsPath)
        var problems = files.problems
        let settings = checkedSettings(files.settings, &problems)
        let known = checkedCommands(files.commands, settings, &problems)
        let commands = known.commands
        var warnings: [Problem] = []
        let rules = checkedRules(files.rules, settings, commands, &problems, &warnings)
        let schedules = checkedSchedules(files.schedules, settings, commands, &problems)
        problems += RuleReach.repeated(rules.map(\.rule))
        problems = DefinitionsLoader.sorted(problems)
        var candidate = DefinitionSet(
            commands: commands, groups: known.groups, rules: rules.map(\.rule), schedules: schedules,
            people: settings.people, roles: known.roles, variables: settings.variables,
            defaultReport: settings.defaultReport, hash: files.hash)
        candidate.onCall = settings.onCall
        // What is wrong already would only be said again by an example.
        let broken = Set(problems.map(\.location.file))
        let examples = rules.filter { rule in
            !broken.contains(rule.file)
                && commands[rule.rule.run].map { !broken.contains($0.location.file) } ?? false
        }
        return LoadedDefinitions(
            settings: problems.isEmpty ? settings.settings : nil, definitions: problems.isEmpty ? candidate : nil,
            problems: problems, warnings: DefinitionsLoader.sorted(warnings), candidate: candidate, examples: examples)
    }

    /// Reads and validates the settings alone; nil with problems.
    package func loadSettings() -> (settings: Settings?, problems: [Problem]) {
        let files = DefinitionFiles(root: root, settingsPath: settingsPath)
        guard let file = files.settings else { return (nil, DefinitionsLoader.sorted(files.problems)) }
        var problems: [Problem] = []
        let checked = checkedSettings(file, &problems)
        return (problems.isEmpty ? checked.settings : nil, DefinitionsLoader.sorted(problems))
    }

    /// Reads, validates, and tries the rules' examples: all problems together.
    package func loadAndTryExamples() async -> LoadedDefinitions {
        var loaded = load()
        let found = await checkExamples(loaded)
        if !found.isEmpty {
            loaded.settings = nil
            loaded.definitions = nil
            loaded.problems = DefinitionsLoader.sorted(loaded.problems + found)
        }
        return loaded
    }

    /// Decodes each rule's recorded payloads, and compares what the rule makes of them with what its file says. Rules
    /// that have problems already are left out.
    package func checkExamples(_ loaded: LoadedDefinitions) async -> [Problem] {
        let checker = ExampleChecker(
            root: URL(filePath: root, directoryHint: .isDirectory).standardizedFileURL, decoders: decoders,
            definitions: loaded.candidate)
        var problems: [Problem] = []
        for examples in loaded.examples { problems += await checker.problems(of: examples) }
        return DefinitionsLoader.sorted(problems)
    }

    private static func sorted(_ problems: [Problem]) -> [Problem] {
        var seen: Set<Problem> = []
        return problems.filter { seen.insert($0).inserted }
            .sorted { ($0.location, $0.message) < ($1.location, $1.message) }
    }

    private func checkedSettings(_ file: DefinitionFiles.File?, _ problems: inout [Problem]) -> CheckedSettings {
        var checker = SettingsChecker(sections: sections, environment: environment)
        let empty = LocatedValue(LocatedValue.Content.object([]), at: .none)
        let raw = file.flatMap { document($0, mayBeEmpty: true, &problems) } ?? empty
        let settings = checker.check(raw)
        problems += checker.problems
        return settings
    }

    private func checkedCommands(
        _ files: [DefinitionFiles.File], _ settings: CheckedSettings, _ problems: inout [Problem]
    ) -> DefinitionSet {
        var checker = CommandChecker(actions: actions, settings: settings)
        var commands: [String: CommandDefinition] = [:]
        for file in files {
            guard let raw = document(file, mayBeEmpty: false, &problems) else { continue }
            var reader = KeyReader(raw, shape: "command")
            let command = CommandFile.file(&reader)
            reader.finish()
            problems += reader.problems
            checkName(command.name, file, &problems)
            let version = Hex.encode(SHA256Digest.of(Array(file.text.utf8)))
            for var definition in checker.definitions(of: command) {
                definition.version = version
                if let earlier = commands[definition.name] {
                    problems.append(
                        Problem(
                            "there is a command '\(definition.name)' already, in \(earlier.location)",
                            at: definition.location, fix: "choose another name"))
                } else {
                    commands[definition.name] = definition
                }
            }
        }
        let roles = RolesChecker(settings: settings, commands: commands, named: checker.roles)
        problems += roles.problems
        let known = DefinitionSet(
            commands: commands, groups: checker.groups, rules: [], people: settings.people, roles: roles.definitions,
            variables: [:], defaultReport: [], hash: "")
        for guards in checker.guards { problems += guards.problems(among: Array(commands.keys)) }
        for offer in checker.offers { problems += OfferChecker.problems(of: offer, in: known) }
        let examples = CommandExampleChecker(known: known, settings: settings)
        for (example, command) in checker.examples { problems += examples.problems(of: example, in: command) }
        for step in commands.values.flatMap({ $0.steps + $0.onFailure.steps }) {
            problems += RunEachChecker.problems(of: step, in: known)
        }
        problems += checker.problems
        return known
    }

    private func checkedRules(
        _ files: [DefinitionFiles.File], _ settings: CheckedSettings, _ commands: [String: CommandDefinition],
        _ problems: inout [Problem], _ warnings: inout [Problem]
    ) -> [RuleExamples] {
        var rules: [RuleExamples] = []
        for file in files {
            guard let raw = document(file, mayBeEmpty: false, &problems) else { continue }
            var reader = KeyReader(raw, shape: "rule")
            let rule = RuleFile(&reader)
            reader.finish()
            problems += reader.problems
            checkName(rule.name, file, &problems)
            guard let decoder = decoder(of: file, &problems) else { continue }
            var checker = RuleChecker(
                source: decoder.source, fields: decoder.fields, settings: settings, commands: commands,
                actions: actions)
            let definition = checker.definition(of: rule)
            problems += checker.problems
            warnings += LadderCheck(settings: settings, commands: commands).warnings(of: rule, from: decoder.source)
            if let earlier = rules.first(where: {
                $0.rule.name == definition.name && $0.rule.source == definition.source
            }) {
                problems.append(
                    Problem(
                        "there is a rule '\(definition.name)' already, in \(earlier.rule.location)",
                        at: definition.location, fix: "choose another name"))
                continue
            }
            rules.append(
                RuleExamples(file: file.path, rule: definition, examples: RuleChecker.examples(rule)))
        }
        return rules
    }

    private func checkedSchedules(
        _ files: [DefinitionFiles.File], _ settings: CheckedSettings, _ commands: [String: CommandDefinition],
        _ problems: inout [Problem]
    ) -> [ScheduleDefinition] {
        var checker = ScheduleChecker(settings: settings)
        var schedules: [ScheduleDefinition] = []
        for file in files {
            guard let raw = document(file, mayBeEmpty: false, &problems) else { continue }
            var reader = KeyReader(raw, shape: "schedule")
            let schedule = WholeScheduleFile(&reader)
            reader.finish()
            problems += reader.problems
            checkName(schedule.name, file, &problems)
            if let definition = checker.definition(of: schedule, commands: commands) { schedules.append(definition) }
        }
        problems += checker.problems
        return schedules
    }

    private func decoder(of file: DefinitionFiles.File, _ problems: inout [Problem]) -> (any EventDecoder)? {
        let name = file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        if let decoder = decoders.first(where: { $0.source.rawValue == name }) { return decoder }
        let known = decoders.map(\.source.rawValue).sorted()
        problems.append(
            Problem(
                "no source is called '\(name)'", at: SourceLocation(file: file.path, line: 1, column: 1),
                fix: NearestName.of(name, in: known).map { "did you mean webhooks/\($0)?" }
                    ?? "sources: \(known.joined(separator: ", "))"))
        return nil
    }

    /// The one document of a file.
    private func document(_ file: DefinitionFiles.File, mayBeEmpty: Bool, _ problems: inout [Problem]) -> LocatedValue?
    {
        var found: [Problem] = []
        let documents = YAMLReader.documents(file.text, file: file.path, problems: &found)
        problems += found
        guard let first = documents.first, first.content != .null else {
            if found.isEmpty, !mayBeEmpty {
                problems.append(
                    Problem("the file is empty", at: SourceLocation(file: file.path, line: 1, column: 1)))
            }
            return nil
        }
        if documents.count > 1 {
            problems.append(
                Problem(
                    "a file holds one definition", at: documents[1].location, fix: "put the next one into its own file")
            )
        }
        return first
    }

    private func checkName(_ name: Located<String>?, _ file: DefinitionFiles.File, _ problems: inout [Problem]) {
        guard let name else { return }
        let expected = file.path.split(separator: "/").last?.dropLast(".yaml".count) ?? ""
        if name.value == expected { return }
        problems.append(
            Problem(
                "the name '\(name.value)' is not the file's", at: name.location,
                fix: "write \(expected), or rename the file to \(name.value).yaml"))
    }
}
