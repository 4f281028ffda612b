import Domain
import Foundation

/// `freeze` and `thaw`.
extension BuiltInDesk {
    /// Characters of a reason.
    static let longestReason = 300

    /// Nothing that changes anything starts any more, in one pool or anywhere; what runs goes on to its next step.
    func freeze(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        if let refusal = try await refusal(work) { return refusal }
        var words = work.words
        let isNow = words.takeFlag("--now")
        let isAll = words.takeFlag("--all")
        let pool = words.first.flatMap { poolNames.contains($0) ? $0 : nil }
        if pool != nil { words.removeFirst() }
        let reason = String(words.joined(separator: " ").prefix(BuiltInDesk.longestReason))
        guard !reason.isEmpty else { return refused("Why? Usage: /defimon \(BuiltIn.freeze.usage)") }
        if let freeze = board.freeze.value ?? pool.flatMap({ board.freeze.freeze(of: $0) }) {
            return refused(
                "\(freeze.what) is frozen already, since \(PersonTime.text(freeze.at)), by \(freeze.by): \(freeze.reason)"
            )
        }
        let freeze = Freeze(by: work.person.id, at: time.now, reason: reason, pool: pool, stopsUpkeep: isAll)
        // First of all nothing more starts; that it is frozen is true after a restart once it is written.
        board.freeze.set(freeze, of: pool)
        do {
            try await announcer.announce(
                report(freeze, isNow: isNow), subject: "freeze/\(freeze.at.microseconds)",
                with: change([.saveNote(freeze.noteName, freeze.json)], "bot.frozen", work, freeze))
        } catch {
            board.freeze.set(nil, of: pool)
            throw error
        }
        // Who waits in line is held now, and told so.
        board.queueSignal.fire()
        var report = report(freeze, isNow: isNow)
        if isNow {
            let cancelled = try await board.cancelWhatIsFrozen(by: work.person.id, freeze)
            report.blocks.append(
                .text(
                    cancelled.isEmpty
                        ? "Nothing was under way."
                        : "Being cancelled: "
                            + cancelled.map { "job \($0.id) (\($0.commandLine))" }
                            .joined(separator: ", ")))
        }
        return accepted(report)
    }

    private func report(_ freeze: Freeze, isNow: Bool) -> Report {
        let scope = freeze.pool.map { "on \($0) " } ?? ""
        let running = isNow ? "What runs is cancelled" : "What runs stops before its next step that changes something"
        let upkeep =
            freeze.stopsUpkeep
            ? "Upkeep stops too." : "Upkeep by schedule goes on (freeze --all stops that too)."
        return Report(
            mood: .warning, title: freeze.pool == nil ? "The bot is \(freeze.words)" : "The pool \(freeze.words)",
            blocks: [
                .text(
                    "Nothing that changes anything \(scope)starts, whoever asks. \(running); looking and --plan work. \(upkeep) /defimon thaw\(freeze.pool.map { " \($0)" } ?? "") ends it."
                )
            ])
    }

    /// What was held is looked at again as if it left the queue now.
    func thaw(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        if let refusal = try await refusal(work) { return refusal }
        guard work.words.count <= 1 else { return refused("Usage: /defimon \(BuiltIn.thaw.usage)") }
        let pool = work.words.first
        guard let freeze = board.freeze.freeze(of: pool) else {
            let others = board.freeze.all.map {
                "/defimon thaw\($0.pool.map { " \($0)" } ?? "") ends what is \($0.words)"
            }
            return refused(
                ([pool.map { "The pool \($0) is not frozen by itself." } ?? "The bot is not frozen."] + others)
                    .joined(separator: "\n"))
        }
        let report = Report(
            mood: .info, title: "\(work.person.id) has thawed the \(pool.map { "pool \($0)" } ?? "bot")",
            blocks: [
                .text(
                    "\(pool == nil ? "It was" : "The pool") \(freeze.words), since \(PersonTime.text(freeze.at)). What was held starts now, unless it has waited for too long."
                )
            ])
        try await announcer.announce(
            report, subject: "freeze/\(freeze.at.microseconds)/thaw",
            with: change([.saveNote(freeze.noteName, .null)], "bot.thawed", work, freeze))
        board.freeze.set(nil, of: pool)
        board.queueSignal.fire()
        return accepted(report)
    }

    /// The pools of the settings.
    var poolNames: Set<String> {
        Set((board.definitions.value.variables["pools"]?.objectValue ?? [:]).keys)
    }

    private func change(_ writes: [LedgerWrite], _ kind: String, _ work: RequestDesk.Work, _ freeze: Freeze)
        -> LedgerChange
    {
        LedgerChange(
            writes,
            audit: [
                AuditEntry(
                    time: time.now, actor: work.person.id, kind: kind,
                    subject: freeze.pool.map { "pool/\($0)" } ?? "bot", detail: ["reason": .string(freeze.reason)])
            ])
    }

    /// Freezing, thawing and maintenance are for leads.
    func refusal(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer? {
        let definitions = board.definitions.value
        if FreezeRoles.may(work.person, definitions) { return nil }
        let roles = FreezeRoles.needed(definitions).sorted().joined(separator: " or ")
        try await writer.commit(
            LedgerChange(audit: [
                AuditEntry(
                    time: time.now, actor: work.person.id, kind: "authorization.denied", subject: "request",
                    detail: [
                        "text": .string(work.builtIn.rawValue),
                        "reason": .string("\(work.person.id) has none of the roles \(roles)"),
                    ])
            ]))
        let names = definitions.people.filter { FreezeRoles.may($0, definitions) }.map(\.name).sorted()
        return refused("'\(work.builtIn.rawValue)' needs the role \(roles). Ask \(names.joined(separator: ", ")).")
    }
}

extension [String] {
    /// Takes a flag out of the words of a command line; false when it is not there.
    mutating func takeFlag(_ name: String) -> Bool {
        let count = count
        removeAll { $0 == name }
        return self.count < count
    }
}
