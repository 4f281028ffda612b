import Domain
import Foundation

/// `breaker`: which circuit breakers are open, and closing one.
extension BuiltInDesk {
    func breaker(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let verb = work.words.first else { return accepted(breakerList) }
        let words = Array(work.words.dropFirst())
        guard verb == "close", !words.isEmpty else { return refused("Usage: /defimon \(BuiltIn.breaker.usage)") }
        let name = words.joined(separator: " ")
        let open = board.breakers.all.filter { $0.openedAt != nil }
        let meant = open.filter { name == $0.key || name == "\($0.command) \($0.key)" || name == $0.command }
        guard let breaker = meant.first, meant.count == 1 else {
            let list = (meant.isEmpty ? open : meant).map { "/defimon \($0.closing)" }
            if list.isEmpty { return refused("No breaker is open.") }
            return refused(
                (meant.isEmpty ? "No breaker is open for '\(name.prefix(120))'. " : "Several are: ")
                    + list.prefix(20).joined(separator: "\n"))
        }
        let definitions = board.definitions.value
        if let command = definitions.commands[breaker.command],
            case .refused(let reason, let able) = Authorization(definitions).answer(work.person, command)
        {
            try await writer.commit(
                LedgerChange(
                    audit: requests.denied(
                        work.request, .notAllowed, by: work.person.id, "\(work.person.id): \(reason)", time.now)))
            return RunAnswer(
                report: Refusals.notAllowed(work.person, reason, askWhom: able), jobID: nil, isAccepted: false)
        }
        try await board.close(breaker, by: work.person.id)
        let report = Report(
            mood: .info, title: "\(work.person.id) has closed the breaker: \(breaker.title) may start by itself again",
            blocks: [.text("Its starts are counted from now on.")])
        try await announcer.announce(
            report, subject: "\(breaker.noteName)/\(time.now.microseconds)", with: LedgerChange())
        return accepted(report)
    }

    private var breakerList: Report {
        let open = board.breakers.all.filter { $0.openedAt != nil }
        if open.isEmpty { return Report(mood: .info, title: "No breaker is open.") }
        return Report(
            mood: .warning, title: open.count == 1 ? "One breaker is open" : "\(open.count) breakers are open",
            blocks: [
                .code(open.prefix(50).map(line).joined(separator: "\n")),
                .offers(open.prefix(5).map { .init(label: "Close \($0.title)", commandLine: $0.closing) }),
            ])
    }

    private func line(_ breaker: Breaker) -> String {
        var line = "\(breaker.title)  open since \(PersonTime.text(breaker.openedAt ?? time.now))"
        if case .halfOpen(let trial, _) = breaker.state {
            line += ", job \(trial) is trying"
        } else if let from = breaker.triesFrom {
            line += ", tries one start from \(PersonTime.text(from)) on"
        } else {
            line += ", until a person closes it"
        }
        return line
    }
}
