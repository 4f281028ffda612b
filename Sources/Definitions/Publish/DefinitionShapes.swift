import Domain

/// The keys of each kind of definition file, as the code that reads them describes them.
enum DefinitionShapes {
    static var command: [String: Shape] { KeyReader.shapes(of: "command", CommandFile.file) }

    static var rule: [String: Shape] { KeyReader.shapes(of: "rule") { RuleFile(&$0) } }

    static var schedule: [String: Shape] { KeyReader.shapes(of: "schedule") { WholeScheduleFile(&$0) } }

    static func settings(_ sections: [SettingsSection]) -> [String: Shape] {
        KeyReader.shapes(of: "settings") { SettingsFile(&$0, sections: sections) }
    }
}
