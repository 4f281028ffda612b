import Domain

/// `overrides`: what people have set and the next deploy does not undo.
extension BuiltInDesk {
    /// Overrides that are listed; more are counted.
    static let mostOverrides = 60
    /// Lines of one block: a channel cuts what is longer than about 3,000 characters.
    private static let overridesOfBlock = 15
    /// With which the key of each override begins.
    private static let overrideBeginning = Override.beginning

    /// One line for each by its key; with a text, for those whose key holds it.
    func overrides(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        let wanted = work.words.joined(separator: " ")
        let read = try await reader.keptValues(under: Self.overrideBeginning, limit: KeptValue.mostKeys)
        let all = read.filter { wanted.isEmpty || $0.key.dropFirst(Self.overrideBeginning.count).contains(wanted) }
        guard !all.isEmpty else {
            let which = wanted.isEmpty ? "" : " whose name holds '\(wanted.prefix(120))'"
            return accepted(
                Report(
                    mood: .info, title: "No overrides\(which)",
                    blocks: [.text("Nobody has set anything that a deploy would keep; the manifests say all.")]))
        }
        let lines = all.prefix(Self.mostOverrides).map { kept in
            let name = kept.key.dropFirst(Self.overrideBeginning.count)
            let value = kept.value.map(\.plainText) ?? "a value of \(kept.size) bytes"
            return "\(name) = \(value)  \(kept.origin)"
        }
        var blocks = stride(from: 0, to: lines.count, by: Self.overridesOfBlock).map { start in
            Report.Block.code(lines[start...].prefix(Self.overridesOfBlock).joined(separator: "\n"))
        }
        let more = all.count - Self.mostOverrides
        if more > 0 { blocks.append(.text("… and \(more) more; /defimon overrides <text> shows those that hold it.")) }
        return accepted(Report(mood: .info, title: "Overrides, \(PersonTime.text(time.now))", blocks: blocks))
    }
}
