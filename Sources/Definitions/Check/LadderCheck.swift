import Domain

/// Finds rules whose further remedies would never run, since nobody could say whether their alert still fires.
struct LadderCheck {
    let settings: CheckedSettings
    let commands: [String: CommandDefinition]

    /// Before a further remedy Alertmanager is asked whether the alert still fires. Guards before the first one are not
    /// concerned: where nobody can be asked they take what was told for true.
    func warnings(of file: RuleFile, from source: Source) -> [Problem] {
        guard source.rawValue == "alertmanager", file.isEnabled, let first = file.otherwise.first, !canBeAsked
        else { return [] }
        let guards = (file.guards?.guards ?? Guards()).over(commands[file.run?.value ?? ""]?.guards ?? Guards())
        guard guards.ifUnknown != .go else { return [] }
        var warning = Problem(
            "no remedy under 'otherwise' will ever run: nobody can be asked whether the alert still fires",
            at: first.run?.location ?? file.location,
            fix: "set alertmanager.api_url in the settings, or write guards: {if_unknown: go} to run them all the same")
        warning.isWarning = true
        return [warning]
    }

    private var canBeAsked: Bool {
        settings.settings.sections["alertmanager"]?["api_url"].map { $0.content != .null } ?? false
    }
}
