import Domain
import Foundation

/// `freeze` and `thaw`.
extension BuiltInDesk {
    /// Characters of a reason.
    private static let longestReason = 300

    /// Nothing that changes anything starts any more; what runs goes on to its end.
    func freeze(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        if let refusal = try await refusal(work) { return refusal }
        let reason = String(work.words.joined(separator: " ").prefix(BuiltInDesk.longestReason))
        guard !reason.isEmpty else { return refused("Why? Usage: /defimon \(BuiltIn.freeze.usage)") }
        if let freeze = board.freeze.value {
            return refused(
                "The bot is frozen already, since \(PersonTime.text(freeze.at)), by \(freeze.by): \(freeze.reason)")
        }
        let freeze = Freeze(by: work.person.id, at: time.now, reason: reason)
        // First of all nothing more starts; that it is frozen is true after a restart once it is written.
        board.freeze.set(freeze)
        let report = Report(
            mood: .warning, title: "The bot is \(freeze.words)",
            blocks: [
                .text(
                    "Nothing that changes anything starts, whoever asks. What runs goes on to its end; looking and --plan work. /defimon thaw ends it."
                )
            ])
        do {
            try await announcer.announce(
                report, subject: "freeze/\(freeze.at.microseconds)",
                with: change([.saveNote(Freeze.note, freeze.json)], "bot.frozen", work, reason: reason))
        } catch {
            board.freeze.set(nil)
            throw error
        }
        // Who waits in line is held now, and told so.
        board.queueSignal.fire()
        return accepted(report)
    }

    /// What was held is looked at again as if it left the queue now.
    func thaw(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        if let refusal = try await refusal(work) { return refusal }
        guard let freeze = board.freeze.value else { return refused("The bot is not frozen.") }
        let report = Report(
            mood: .info, title: "\(work.person.id) has thawed the bot",
            blocks: [
                .text(
                    "It was \(freeze.words), since \(PersonTime.text(freeze.at)). What was held starts now, unless it has waited for too long."
                )
            ])
        try await announcer.announce(
            report, subject: "freeze/\(freeze.at.microseconds)/thaw",
            with: change([.saveNote(Freeze.note, .null)], "bot.thawed", work, reason: freeze.reason))
        board.freeze.set(nil)
        board.queueSignal.fire()
        return accepted(report)
    }

    private func change(_ writes: [LedgerWrite], _ kind: String, _ work: RequestDesk.Work, reason: String)
        -> LedgerChange
    {
        LedgerChange(
            writes,
            audit: [
                AuditEntry(
                    time: time.now, actor: work.person.id, kind: kind, subject: "bot",
                    detail: ["reason": .string(reason)])
            ])
    }

    private func refusal(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer? {
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
