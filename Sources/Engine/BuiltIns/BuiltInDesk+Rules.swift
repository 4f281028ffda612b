import Domain
import Foundation

/// `rules`: what events start by themselves, and how each rule has done.
extension BuiltInDesk {
    /// Rules that are listed; more are counted.
    static let mostRules = 40
    /// Lines of one block: a channel cuts what is longer than about 3,000 characters.
    private static let rowsOfBlock = 15
    /// How far back runs are counted.
    private static let counted = Duration.seconds(30 * 86_400)

    /// One line for each rule by its name; with a name, all about that one.
    func rules(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        let all = board.definitions.value.rules.sorted { ($0.name, $0.source.rawValue) < ($1.name, $1.source.rawValue) }
        if all.isEmpty { return accepted(Report(mood: .info, title: "There are no rules.")) }
        let wanted = work.words.joined(separator: " ")
        if wanted.isEmpty { return accepted(try await list(all)) }
        let meant = all.filter { $0.name == wanted || "\($0.source)/\($0.name)" == wanted }
        guard !meant.isEmpty else {
            let nearest = NearestName.of(wanted, in: all.map(\.name)).map { " — did you mean '\($0)'?" } ?? ""
            return refused("There is no rule '\(wanted.prefix(120))'\(nearest)")
        }
        var blocks: [Report.Block] = []
        for rule in meant { blocks.append(.fields(try await fields(rule))) }
        return accepted(
            Report(mood: .info, title: "Rule \(meant[0].name), \(PersonTime.text(time.now))", blocks: blocks))
    }

    private func list(_ rules: [RuleDefinition]) async throws(LedgerError) -> Report {
        var rows = [["rule", "source", "mode", "last match", "runs in 30 days", "breaker"]]
        for rule in rules.prefix(Self.mostRules) {
            let standing = try await standing(rule)
            rows.append([
                rule.name, rule.source.rawValue, rule.modeWord, standing.lastMatch, standing.runs, standing.breaker,
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }.joined(separator: "  ")
        }
        var blocks = stride(from: 0, to: lines.count, by: Self.rowsOfBlock).map { start in
            Report.Block.code(lines[start...].prefix(Self.rowsOfBlock).joined(separator: "\n"))
        }
        let more = rules.count - Self.mostRules
        if more > 0 { blocks.append(.text("… and \(more) more; /defimon rules <name> shows one.")) }
        return Report(mood: .info, title: "Rules, \(PersonTime.text(time.now))", blocks: blocks)
    }

    // MARK: How a rule stands

    private struct Standing {
        var lastMatch: String
        var decision: String?
        var runs: String
        var latest: JobID?
        var breaker: String
    }

    private func standing(_ rule: RuleDefinition) async throws(LedgerError) -> Standing {
        let mark = RuleMark(try await reader.note(RuleMark.note(rule)))
        let runs = try await reader.runs(ofRule: rule.name, since: time.now.advanced(by: .zero - Self.counted))
        // A ledger of an older version has no note of it, but it has the jobs.
        let last = [mark?.at, runs.latestAt].compactMap { $0 }.max()
        let lastMatch = last.map { "\(PersonTime.text($0)) (\(DurationText.human(time.now.since($0))) ago)" }
        return Standing(
            lastMatch: lastMatch ?? "none known", decision: mark.map { "\($0.decision) (event/\($0.event))" },
            runs: words(runs), latest: runs.latest, breaker: breakerWords(rule))
    }

    private func words(_ runs: RuleRuns) -> String {
        if runs.all == 0 { return "none" }
        let parts = [
            (runs.succeeded, "ok"), (runs.failed, "failed"), (runs.other, "cancelled or expired"), (runs.open, "open"),
        ]
        let words = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return runs.isCut ? "of the newest \(RuleRuns.most): \(words)" : words
    }

    private func breakerWords(_ rule: RuleDefinition) -> String {
        guard guards(of: rule).limit != nil else { return "no limit" }
        let open = board.breakers.all.filter { $0.command == rule.run && $0.openedAt != nil }
        guard let first = open.first else { return "closed" }
        let more = open.count > 1 ? ", and \(open.count - 1) more" : ""
        if case .halfOpen(let trial, _) = first.state {
            return "half-open for '\(first.key)': job \(trial) is trying\(more)"
        }
        return "open for '\(first.key)' since \(PersonTime.text(first.openedAt ?? time.now))\(more)"
    }

    private func guards(of rule: RuleDefinition) -> Guards {
        rule.guards.over(board.definitions.value.commands[rule.run]?.guards ?? Guards())
    }

    // MARK: One in full

    private func fields(_ rule: RuleDefinition) async throws(LedgerError) -> [Report.Field] {
        let standing = try await standing(rule)
        let guards = guards(of: rule)
        var fields: [Report.Field] = [
            .init("Source", "\(rule.source), \(rule.location.file)"), .init("Mode", rule.modeWords),
            .init("Matches", rule.match.map(\.description).joined(separator: ", ")),
        ]
        for extraction in rule.extract {
            fields.append(.init("Takes out of", "\(extraction.path): \(extraction.pattern.text)"))
        }
        let arguments = rule.with.map { "\($0.name)=\($0.value.json.plainText)" }
        fields.append(.init("Runs", ([rule.run] + arguments).joined(separator: " ")))
        if !rule.otherwise.isEmpty {
            fields.append(.init("Otherwise", rule.otherwise.map(\.run).joined(separator: ", then ")))
        }
        fields.append(.init("Guards", guards.words.isEmpty ? "none" : guards.words.joined(separator: ", ")))
        fields.append(.init("Last match", standing.lastMatch))
        if let decision = standing.decision { fields.append(.init("What became of it", decision)) }
        fields.append(.init("Runs in 30 days", standing.runs))
        if let latest = standing.latest { fields.append(.init("Newest job", "\(latest)")) }
        fields.append(.init("Breaker", standing.breaker))
        fields.append(.init("Try it", "defimon backtest \(rule.location.file) says when it would have run"))
        return fields
    }
}

extension RuleDefinition {
    /// `act`, `observe` or `off`.
    package var modeWord: String { !isEnabled ? "off" : onlyObserves ? "observe" : "act" }

    fileprivate var modeWords: String {
        switch modeWord {
        case "off": "off (enabled: false): it matches nothing"
        case "observe": "observe: it says what it would run, and runs nothing"
        default: "act"
        }
    }
}
