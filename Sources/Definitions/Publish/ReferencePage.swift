package import Domain

/// Writes the reference page of everything that definitions may say, in Markdown. Keys, actions and fields come from
/// the very code that reads them.
package struct ReferencePage: Sendable {
    let actions: ActionCatalogue
    let sections: [SettingsSection]
    let decoders: [any EventDecoder]

    package init(actions: ActionCatalogue, sections: [SettingsSection], decoders: [any EventDecoder]) {
        self.actions = actions
        self.sections = sections
        self.decoders = decoders
    }

    /// The whole page.
    package var markdown: String {
        var parts = [ReferenceText.opening]
        parts.append(
            "## Commands: `commands/<name>.yaml`\n\n"
                + tables(DefinitionShapes.command, first: "command", title: "A command"))
        parts.append(argumentTypes)
        parts.append(ReferenceText.paths)
        parts.append(
            "## Rules: `webhooks/<source>/<name>.yaml`\n\n"
                + tables(DefinitionShapes.rule, first: "rule", title: "A rule"))
        parts.append(
            "## Schedules: `schedules/<name>.yaml`\n\n"
                + tables(
                    DefinitionShapes.schedule.filter { $0.key == "schedule" }, first: "schedule", title: "A schedule"))
        parts.append(ReferenceText.matchers)
        parts.append(eventFields)
        parts.append(settings)
        parts.append(actionList)
        return parts.joined(separator: "\n\n") + "\n"
    }

    // MARK: Keys

    private func tables(_ shapes: [String: Shape], first: String, title: String) -> String {
        let names = [first] + shapes.keys.filter { $0 != first }.sorted()
        return names.compactMap { name in
            guard let shape = shapes[name], !shape.keys.isEmpty || shape.others != nil else { return nil }
            // A subcommand has a command's keys but for its name.
            if name == "subcommand" { return "### `subcommand`\n\nThe keys of a command without `command`." }
            return "### \(name == first ? title : "`\(name)`")\n\n" + table(shape)
        }.joined(separator: "\n\n")
    }

    private func table(_ shape: Shape) -> String {
        var rows = shape.keys.map { row($0.name, $0.kind.requirement, $0.isRequired, $0.defaultText, $0.help) }
        if let others = shape.others { rows.append(row("(a name)", others.kind.requirement, false, nil, others.help)) }
        return head + rows.joined(separator: "\n")
    }

    private let head = "| key | value | default | meaning |\n| --- | --- | --- | --- |\n"

    private func row(_ name: String, _ value: String, _ isRequired: Bool, _ standard: String?, _ help: String) -> String
    {
        let standard = isRequired ? "(required)" : standard.map { "`\($0)`" } ?? ""
        return "| `\(name)` | \(cell(value)) | \(cell(standard)) | \(cell(help)) |"
    }

    private func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    private var argumentTypes: String {
        let types: [(ValueType, String)] = [
            (.text(nil), "`pattern`: a regular expression (RE2) that the whole of it must match"),
            (.integer(nil), "`min`, `max`"), (.quantity, ""), (.duration, ""),
            (.choice([]), "`choices`: the values"), (.flag, "on a command line its name alone, `--force`"),
            (.person, ""), (.gitRef, ""),
        ]
        let rows = types.map { type, more in
            let requirement = if case .choice = type { "one of the choices" } else { type.requirement }
            return "| `\(type.name)` | \(requirement) | \(more) |"
        }
        return "## Types of arguments\n\n| type | values | more |\n| --- | --- | --- |\n" + rows.joined(separator: "\n")
    }

    // MARK: Events, settings, actions

    private var eventFields: String {
        let tables = decoders.filter { !$0.fields.isEmpty }.sorted { $0.source.rawValue < $1.source.rawValue }
            .map(EventTable.init)
        return "## Fields of events\n\n" + tables.map(\.markdown).joined(separator: "\n\n")
    }

    private var settings: String {
        let shapes = DefinitionShapes.settings(sections)
        var parts = ["## Settings: `defimon.yaml`", tables(shapes, first: "settings", title: "The whole")]
        for section in sections.sorted(by: { $0.name < $1.name }) {
            var reader = InputReader.describing()
            section.read(&reader)
            parts.append("### `\(section.name)`\n\n\(cell(section.summary)).\n\n" + table(reader.fields))
        }
        return parts.joined(separator: "\n\n")
    }

    private func table(_ fields: [InputReader.Field]) -> String {
        if fields.isEmpty { return "It has no keys." }
        return head + rows(fields, prefix: "").joined(separator: "\n")
    }

    private func rows(_ fields: [InputReader.Field], prefix: String) -> [String] {
        fields.flatMap { field in
            [row(prefix + field.name, field.type.requirement, field.isRequired, field.defaultText, field.help)]
                + rows(field.nested, prefix: prefix + field.name + (field.isSection ? "." : ".<name>."))
        }
    }

    private var actionList: String {
        let parts = actions.names.compactMap { actions[$0] }.map { type in
            var effect = type.effect == .reads ? "Looks only." : "Changes something; `--plan` shows what."
            if type.isAwaiting { effect += " " + ReferenceText.waits }
            let outputs = StepChecker.outputs(of: type).map {
                "| `\($0.name)` | \(cell($0.type.requirement)) | \(cell($0.help)) |"
            }
            return "### `\(type.name)`\n\n\(cell(type.summary)). \(effect)\n\n" + table(type.inputs)
                + "\n\n| output | value | meaning |\n| --- | --- | --- |\n" + outputs.joined(separator: "\n")
        }
        return "## Actions\n\n" + parts.joined(separator: "\n\n")
    }
}
