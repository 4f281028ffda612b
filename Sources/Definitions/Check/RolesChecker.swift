import Domain

/// Checks the roles of the settings against commands, their arguments and the pools; and the names of roles everywhere,
/// once the settings describe some.
struct RolesChecker {
    let settings: CheckedSettings
    let commands: [String: CommandDefinition]
    /// The roles that commands name, where they do.
    let named: [Located<String>]

    /// Roles that mean something without being described or named by a command: who may freeze.
    static let known = ["lead", "admin"]

    var problems: [Problem] {
        var problems: [Problem] = []
        for role in settings.roles {
            for permission in role.may ?? [] { problems += self.problems(of: permission, role.name.value) }
        }
        return problems + namesProblems
    }

    var definitions: [String: RoleDefinition] {
        let roles = settings.roles.map { file in
            RoleDefinition(
                name: file.name.value, summary: file.summary, may: file.may?.compactMap { permission($0) })
        }
        return Dictionary(roles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Permissions

    private func permission(_ file: PermissionFile) -> Permission? {
        guard let pattern = file.command.map({ CommandPattern($0.value) }) else { return nil }
        let arguments = file.arguments.map { ($0.name.value, $0.values.map(\.json.plainText)) }
        return Permission(
            command: pattern, pools: file.pools?.map(\.value),
            arguments: Dictionary(arguments, uniquingKeysWith: { first, _ in first }))
    }

    private func covered(_ pattern: CommandPattern) -> [CommandDefinition] {
        commands.values.filter { pattern.covers($0.name) }.sorted { $0.name < $1.name }
    }

    private func problems(of file: PermissionFile, _ role: String) -> [Problem] {
        guard let command = file.command else { return [] }
        let covered = covered(CommandPattern(command.value))
        if covered.isEmpty { return [unknown(command)] }
        // An entry that changes nothing would let people believe that it did.
        let own = covered.filter { $0.roles.contains(role) }
        if own.isEmpty {
            let what =
                covered.count == 1
                ? "'\(covered[0].name)' does not name the role '\(role)'"
                : "none of the commands '\(command.value)' names the role '\(role)'"
            return [
                Problem(
                    "\(what), so this entry gives nothing", at: command.location,
                    fix: "add '\(role)' to the command's roles, or remove the entry")
            ]
        }
        return (file.pools ?? []).compactMap { problem(pool: $0) }
            + file.arguments.flatMap { name, values in problems(of: name, values, own) }
    }

    private func unknown(_ command: Located<String>) -> Problem {
        let names = commands.keys.sorted()
        let word = command.value.hasSuffix(" *") ? String(command.value.dropLast(2)) : command.value
        let groups = Set(names.flatMap(RolesChecker.beginnings))
        if groups.contains(word) {
            return Problem(
                "'\(word)' is only the common word of several commands", at: command.location,
                fix: "write '\(word) *'")
        }
        return Problem(
            command.value == word ? "there is no command '\(word)'" : "no command's name begins with '\(word)'",
            at: command.location,
            fix: NearestName.of(word, in: command.value == word ? names : groups.sorted())
                .map { "did you mean '\($0)\(command.value == word ? "" : " *")'?" }
                ?? "commands: \(names.joined(separator: ", "))")
    }

    /// `a` and `a b` of `a b c`.
    private static func beginnings(_ name: String) -> [String] {
        let words = name.split(separator: " ")
        return (1..<max(words.count, 1)).map { words.prefix($0).joined(separator: " ") }
    }

    private func problem(pool: Located<String>) -> Problem? {
        let names = settings.pools.keys.sorted()
        if names.contains(pool.value) { return nil }
        return Problem(
            "there is no pool '\(pool.value)' in the settings", at: pool.location,
            fix: NearestName.of(pool.value, in: names).map { "did you mean '\($0)'?" }
                ?? "pools: \(names.joined(separator: ", "))")
    }

    private func problems(of name: Located<String>, _ values: [LocatedValue], _ commands: [CommandDefinition])
        -> [Problem]
    {
        for command in commands where !command.arguments.contains(where: { $0.name == name.value }) {
            return ArgumentsChecker.problems(ofNames: [name], for: command, at: name.location) { $0 }
                .filter { $0.location == name.location && $0.message.contains("'\(name.value)'") }
        }
        var problems: [Problem] = []
        let types = commands.compactMap { command in command.arguments.first { $0.name == name.value }?.type }
        for value in values {
            for (command, type) in zip(commands, types) where type.parse(value.json.plainText) == nil {
                var fix = "it must be \(type.requirement)"
                if case .choice(let choices) = type,
                    let nearest = NearestName.of(value.json.plainText, in: choices)
                {
                    fix = "did you mean '\(nearest)'?"
                }
                problems.append(
                    Problem(
                        "'\(value.json.plainText.prefix(80))' is no value for the argument '\(name.value)' of '\(command.name)'",
                        at: value.location, fix: fix))
                break
            }
            if types.contains(.person),
                let problem = settings.problem(person: value.json.plainText, at: value.location)
            {
                problems.append(problem)
            }
        }
        return problems
    }

    // MARK: Names of roles

    /// A role that nobody has, that no command names or that is not described is no mistake; one that looks like another
    /// is.
    private var namesProblems: [Problem] {
        if settings.roles.isEmpty { return [] }
        let described = Set(settings.roles.map(\.name.value))
        let had = Set(settings.peoplesRoles.map(\.value))
        let asked = Set(named.map(\.value))
        var problems: [Problem] = []
        for role in settings.roles.map(\.name) where !had.contains(role.value) && !asked.contains(role.value) {
            problems += misspelt(role, "nobody has the role '\(role.value)', and no command names it", had.union(asked))
        }
        for role in settings.peoplesRoles where !described.contains(role.value) && !asked.contains(role.value) {
            problems += misspelt(role, "no command names the role '\(role.value)'", described.union(asked))
        }
        for role in named where !described.contains(role.value) && !had.contains(role.value) {
            problems += misspelt(role, "nobody has the role '\(role.value)'", described.union(had))
        }
        return problems
    }

    private func misspelt(_ role: Located<String>, _ what: String, _ others: Set<String>) -> [Problem] {
        let others = others.subtracting([role.value])
        guard !RolesChecker.known.contains(role.value), let nearest = NearestName.of(role.value, in: others.sorted())
        else { return [] }
        return [
            Problem(
                what, at: role.location,
                fix: "did you mean '\(nearest)'? If not, describe it under roles of the settings")
        ]
    }
}
