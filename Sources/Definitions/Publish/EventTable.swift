package import Domain

/// The kinds and fields of one source's events, for people.
package struct EventTable: Sendable {
    let source: Source
    let fields: [EventField]

    package init(_ decoder: any EventDecoder) {
        source = decoder.source
        fields = decoder.fields
    }

    /// The kinds that have fields of their own, sorted.
    private var kinds: [String] { Set(fields.flatMap(\.kinds)).sorted() }

    private func path(_ field: EventField) -> String { field.path + (field.isOpen ? ".<name>" : "") }

    private func kinds(_ field: EventField) -> String {
        field.kinds.isEmpty ? "all" : field.kinds.joined(separator: ", ")
    }

    /// For a terminal: paths and kinds in columns.
    package var text: String {
        if fields.isEmpty { return "\(source): it has no fields" }
        var lines = ["\(source)"]
        if !kinds.isEmpty { lines.append("  kinds: \(kinds.joined(separator: ", "))") }
        let width = fields.map { path($0).count }.max() ?? 0
        for field in fields {
            let name = path(field)
            var line = "  " + name + String(repeating: " ", count: width - name.count) + "  \(field.help)"
            if !field.kinds.isEmpty { line += " [\(kinds(field))]" }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    /// For the reference page.
    package var markdown: String {
        func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }
        let hasKinds = !kinds.isEmpty
        let head = hasKinds ? "| path | kinds | meaning |\n| --- | --- | --- |" : "| path | meaning |\n| --- | --- |"
        let rows = fields.map { field in
            "| `\(path(field))` |" + (hasKinds ? " \(cell(kinds(field))) |" : "") + " \(cell(field.help)) |"
        }
        return "### `\(source)`\n\n" + ([head] + rows).joined(separator: "\n")
    }
}
