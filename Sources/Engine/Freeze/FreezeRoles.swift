import Domain

/// Who may freeze and thaw: leads; where nobody is one, admins; where nobody is one either, everybody who may run one of
/// the team's commands.
enum FreezeRoles {
    /// The roles of which one is needed; empty: none is.
    static func needed(_ definitions: DefinitionSet) -> Set<String> {
        for role in ["lead", "admin"] where definitions.people.contains(where: { $0.roles.contains(role) }) {
            return [role]
        }
        return Set(definitions.commands.values.flatMap(\.roles))
    }

    static func may(_ person: Person, _ definitions: DefinitionSet) -> Bool {
        let needed = needed(definitions)
        return needed.isEmpty || !person.roles.isDisjoint(with: needed)
    }
}
