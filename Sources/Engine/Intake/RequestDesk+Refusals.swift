import Domain
import Foundation

/// Why a request is refused before it becomes anything, with its record in the audit.
extension RequestDesk {
    /// What refusals are counted by.
    enum Denial: String {
        case stranger, notAllowed = "not-allowed", elsewhere, tooOften = "too-often"
    }

    /// Nil when the person may ask again. Stopping is never refused.
    func tooOften(
        _ request: CommandRequest, _ person: Person, _ words: [String], _ asked: Date?, _ now: Date
    ) -> (Answer, [AuditEntry])? {
        guard let asked else { return nil }
        switch words.first.flatMap(BuiltIn.init(rawValue:)) {
        case .cancel, .freeze: return nil
        default: break
        }
        guard case .refused(let until, let isFirst) = meter.take(person: person.id, at: asked) else { return nil }
        let rate = limits.requestsPerPerson
        // Where there is no private answer everybody would read each one of them.
        let isSilent = request.isPublic && !isFirst
        return (
            isSilent ? .silence : .say(Refusals.tooMany(rate, until: until, now: now), isAccepted: false),
            denied(
                request, .tooOften, by: person.id,
                "\(person.id) has asked \(rate.count) times within \(DurationText.human(rate.per))", now)
        )
    }

    /// Nil when it is allowed.
    func notAllowed(
        _ request: CommandRequest, _ person: Person, _ answer: Authorization.Answer, _ now: Date
    ) -> (Answer, [AuditEntry])? {
        guard case .refused(let reason, let able) = answer else { return nil }
        return (
            .say(Refusals.notAllowed(person, reason, askWhom: able), isAccepted: false),
            denied(request, .notAllowed, by: person.id, "\(person.id): \(reason)", now)
        )
    }

    /// Nil when the command is taken where it was asked.
    func elsewhere(
        _ request: CommandRequest, _ person: Person, _ command: CommandDefinition, _ now: Date
    ) -> (Answer, [AuditEntry])? {
        guard !command.channels.isEmpty, !request.isFromCommandLine,
            !command.channels.contains(where: request.isAsked)
        else { return nil }
        let place = request.reportTo?.description ?? "a place that is not known"
        return (
            .say(Refusals.elsewhere(command), isAccepted: false),
            denied(
                request, .elsewhere, by: person.id,
                "\(person.id): '\(command.name)' is taken in "
                    + "\(command.channels.map(\.description).joined(separator: " or ")) alone, and was asked in \(place)",
                now)
        )
    }

    /// A refusal's record; none when there were many of the same within the minute, which are counted.
    func denied(
        _ request: CommandRequest, _ denial: Denial, by actor: String, _ reason: String, _ now: Date
    ) -> [AuditEntry] {
        let kind = "authorization.denied"
        let key = RefusalLog.Key(actor: actor, kind: kind, subject: "request", reason: denial.rawValue)
        guard refusals.admits(key) else { return [] }
        return [
            AuditEntry(
                time: now, actor: request.identity.description, kind: kind, subject: "request",
                detail: ["text": .string(String(request.text.prefix(200))), "reason": .string(reason)])
        ]
    }
}
