import Domain
import Foundation

/// What people are told by an escalation.
struct EscalationMessages {
    var escalation: Escalation
    /// What is said about the job.
    var report: Report
    var now: Date

    /// Calls a level: a message of its own in each of its places, so that people are notified.
    func call(_ level: Int, subject: String) -> [OutboxMessage] {
        let subject = level == 0 ? subject : "\(subject)/\(level + 1)"
        return messages(escalation.levels[level].places.map { Escalation.Told(place: $0, subject: subject) }, called)
    }

    /// Calls everybody again.
    func callAgain() -> [OutboxMessage] {
        var seen: Set<Place> = []
        let places = escalation.levels.flatMap(\.places).filter { seen.insert($0).inserted }
        let subject = "job/\(escalation.jobID)/escalation/again-\(escalation.repeats)"
        var again = called
        again.title = "Still nobody has it. \(again.title)"
        return messages(places.map { Escalation.Told(place: $0, subject: subject) }, again)
    }

    /// The same messages, once somebody has it.
    func acknowledged(by name: String) -> [OutboxMessage] {
        var said = report
        said.mood = .info
        said.title = "Acknowledged by \(name): \(said.title)"
        return messages(escalation.told, said)
    }

    /// The same messages, once it is over.
    func over(_ why: String, mood: Report.Mood) -> [OutboxMessage] {
        var said = report
        said.mood = mood
        said.title = "Over, \(why): \(said.title)"
        if let by = escalation.acknowledgedBy { said.blocks.append(.fields([.init("Acknowledged by", by)])) }
        return messages(escalation.told, said)
    }

    private func messages(_ told: [Escalation.Told], _ report: Report) -> [OutboxMessage] {
        told.map {
            // An answer that one person sees cannot be edited.
            OutboxMessage(
                place: $0.place, subject: $0.subject, slot: $0.place.isPrivate ? .single : .main, report: report,
                createdAt: now)
        }
    }

    /// Who was called, who is next, and how to stop that.
    private var called: Report {
        var said = report
        var fields: [Report.Field] = []
        if !escalation.calledPeople.isEmpty {
            fields.append(.init("Called", escalation.calledPeople.joined(separator: ", ")))
        }
        if escalation.called < escalation.levels.count {
            let level = escalation.levels[escalation.called]
            let names = level.people.isEmpty ? "" : ": \(level.people.joined(separator: ", "))"
            fields.append(
                .init(
                    "Unless somebody has it",
                    "level \(escalation.called + 1) of \(escalation.levels.count) is called at "
                        + PersonTime.text(escalation.nextAt) + names))
        }
        var offers = [Report.Offer(label: "Ack", commandLine: "ack \(escalation.jobID)", style: .primary)]
        // One row of buttons, at the end.
        if case .offers(let others) = said.blocks.last {
            offers += others
            said.blocks.removeLast()
        }
        if !fields.isEmpty { said.blocks.append(.fields(fields)) }
        said.blocks.append(.offers(offers))
        return said
    }
}
