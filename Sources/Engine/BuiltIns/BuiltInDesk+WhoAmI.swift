import Domain

/// `whoami`.
extension BuiltInDesk {
    /// Commands that are listed; more are counted.
    private static let mostListed = 60

    /// Who somebody is, what they may run and within which limits, what not and whom to ask.
    func whoami(_ work: RequestDesk.Work) -> Report {
        let definitions = board.definitions.value
        let authorization = Authorization(definitions)
        var able: [(String, String)] = []
        var unable: [(String, String)] = []
        for command in definitions.commands.values.sorted(by: { $0.name < $1.name }) {
            switch authorization.extent(work.person, command) {
            case .all: able.append((command.name, limits(command, [])))
            case .limited(let limits): able.append((command.name, self.limits(command, limits)))
            case .none(let others): unable.append((command.name, "ask \(Refusals.askWhom(others))"))
            }
        }
        var blocks: [Report.Block] = [
            .fields([
                .init("Identity here", work.request.identity.description),
                .init("Roles", roles(work.person, definitions)),
            ])
        ]
        blocks.append(.text(able.isEmpty ? "You may run none of the team's commands." : "You may run:"))
        if !able.isEmpty { blocks.append(.code(listed(able))) }
        if !unable.isEmpty {
            blocks.append(.text("You may not run:"))
            blocks.append(.code(listed(unable)))
        }
        if !FreezeRoles.may(work.person, definitions) {
            let others = definitions.people.filter { FreezeRoles.may($0, definitions) }
            blocks.append(.text("You may not freeze or thaw the bot; ask \(Refusals.askWhom(others))."))
        }
        return Report(mood: .info, title: "You are \(work.person.name) (\(work.person.id))", blocks: blocks)
    }

    private func roles(_ person: Person, _ definitions: DefinitionSet) -> String {
        if person.roles.isEmpty { return "none" }
        return person.roles.sorted().map { role in
            definitions.roles[role]?.summary.map { "\(role) (\($0))" } ?? role
        }.joined(separator: ", ")
    }

    private func limits(_ command: CommandDefinition, _ limits: [String]) -> String {
        var parts: [String] = []
        if !limits.isEmpty { parts.append(limits.joined(separator: "; or ")) }
        if !command.channels.isEmpty {
            parts.append("asked in \(command.channels.map(\.description).joined(separator: " or "))")
        }
        return parts.joined(separator: ", ")
    }

    private func listed(_ rows: [(String, String)]) -> String {
        let more = rows.count - BuiltInDesk.mostListed
        return table(Array(rows.prefix(BuiltInDesk.mostListed))).split(separator: "\n").map(\.trimmed)
            .joined(separator: "\n") + (more > 0 ? "\n… and \(more) more: /defimon help" : "")
    }
}
