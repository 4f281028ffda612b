import Domain
import Foundation

/// `ack`: a person has an escalation.
extension BuiltInDesk {
    func ack(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        guard let word = work.words.first else { return accepted(list(await board.openEscalations())) }
        guard work.words.count == 1, let id = Int64(word.drop { $0 == "#" }) else {
            return refused("Which escalation? Usage: /defimon \(BuiltIn.ack.usage)")
        }
        switch try await board.acknowledge(id, by: work.person) {
        case .done(let escalation):
            // Without the job's number: who says it on the machine does not want to follow a job that has ended.
            return accepted(
                Report(
                    mood: .info,
                    title: "\(work.person.name) has \(id) (\(escalation.commandLine)): nobody else is called."))
        case .already(let by, let at):
            return RunAnswer(
                report: Refusals.bad("\(name(by)) has \(id) already, since \(PersonTime.text(at))."), jobID: id,
                isAccepted: false)
        case .none:
            let open = await board.openEscalations().map { String($0.jobID) }
            return refused(
                "There is no open escalation \(id). "
                    + (open.isEmpty ? "None is open." : "Open are: \(open.prefix(20).joined(separator: ", "))."))
        }
    }

    private func list(_ escalations: [Escalation]) -> Report {
        guard !escalations.isEmpty else { return Report(mood: .info, title: "No escalation is open.") }
        let lines = escalations.prefix(30).map { escalation in
            let state =
                escalation.acknowledgedBy.map { "\(name($0)) has it" }
                ?? "nobody has it, level \(escalation.called) of \(escalation.levels.count) was called"
            let since = DurationText.human(time.now.since(escalation.openedAt))
            return "\(escalation.jobID)  \(escalation.commandLine)  for \(since)  \(state)"
        }
        let more = escalations.count > 30 ? ["and \(escalations.count - 30) more"] : []
        return Report(
            mood: .info, title: "Open escalations: \(escalations.count)",
            blocks: [
                .code((lines + more).joined(separator: "\n")),
                .text("/defimon ack <number> says that you have one: nobody else is called then."),
            ])
    }

    private func name(_ id: String) -> String { board.definitions.value.people.first { $0.id == id }?.name ?? id }
}
