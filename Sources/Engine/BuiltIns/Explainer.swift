package import Domain
import Foundation

/// Tells from the ledger why something happened, or did not.
package struct Explainer: Sendable {
    /// The forms of an id, for people.
    package static let forms =
        "42 or job/42 (a job), event/7, delivery/17, or a sender's own delivery id, such as GitHub's X-GitHub-Delivery"
    /// Audit records of one subject that are looked at.
    private static let longestHistory = 200

    /// Nothing can be explained: why, and what would be right.
    package struct Unknown: Error, Sendable {
        package var message: String
    }

    private let reader: any LedgerReader

    package init(reader: any LedgerReader) { self.reader = reader }

    /// Explains an id in one of the `forms`. Throws `Unknown` or `LedgerError`.
    package func explain(_ id: String) async throws -> Explanation {
        let name = String(id.trimmed.drop { $0 == "#" })
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        switch (parts.count == 2 ? parts[0] : nil, parts.last.flatMap(Int64.init)) {
        case (nil, let number?), ("job", let number?): return try await job(number)
        case ("event", let number?): return try await event(number)
        case ("delivery", let number?): return try await delivery(number)
        case (nil, nil) where Explainer.isDeliveryID(name): return try await delivery(named: name)
        default: throw Unknown(message: "'\(name.prefix(80))' is no id. Give \(Explainer.forms).")
        }
    }

    /// A UUID, a hash: long enough that nobody means anything else by it.
    private static func isDeliveryID(_ text: String) -> Bool {
        (16...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d
                    || $0 == 0x5f
            }
    }

    // MARK: Kinds

    private func job(_ id: JobID) async throws -> Explanation {
        guard let job = try await reader.job(id: id) else {
            throw Unknown(message: "There is no job \(id). Give \(Explainer.forms).")
        }
        let steps = try await reader.steps(jobID: id)
        let event = if let eventID = job.eventID { try await reader.event(id: eventID) } else { StoredEvent?.none }
        var result = Explanation(id: "job/\(id)", answer: answer(job, steps, event))
        result.jobs = [JobListing(job)]
        result.guards = job.guards
        result.verdicts = job.verdicts
        result.steps = steps.map(StepListing.init)
        result.events = [event].compactMap { $0 }.map(EventListing.init)
        result.delivery = try await deliveryPart(event?.deliveryRowID ?? 0)
        let subjects =
            ["job/\(id)", "job/\(id)/escalation", "job/\(id)/undecided"]
            + (2...OnCallList.mostLevels).map { "job/\(id)/escalation/\($0)" } + [job.about].compactMap { $0 }
        result.reports = try await reports(subjects)
        result.history = try await history("job/\(id)")
        return result
    }

    private func event(_ id: Int64) async throws -> Explanation {
        guard let event = try await reader.event(id: id) else {
            throw Unknown(message: "There is no event \(id). Give \(Explainer.forms).")
        }
        let jobs = try await reader.jobs(JobFilter(eventID: id))
        var result = Explanation(id: "event/\(id)", answer: answer(event, jobs))
        result.events = [EventListing(event)]
        result.jobs = jobs.map(JobListing.init)
        result.delivery = try await deliveryPart(event.deliveryRowID)
        let rules = event.explanation["rules"]?.arrayValue?.compactMap { $0["rule"]?.stringValue } ?? []
        result.reports = try await reports(
            ["event/\(id)", "answer/delivery-\(event.deliveryRowID)-\(id)"] + rules.map { "event/\(id)/\($0)" })
        result.history = try await history("event/\(id)")
        return result
    }

    private func delivery(named deliveryID: String) async throws -> Explanation {
        guard let found = try await reader.deliveries(deliveryID: deliveryID).last else {
            throw Unknown(
                message: "No delivery with the id \(deliveryID) was accepted. What was refused is in the audit: "
                    + "defimon audit list --kind delivery.refused. Other ids are \(Explainer.forms).")
        }
        return try await delivery(found.rowID)
    }

    private func delivery(_ id: Int64) async throws -> Explanation {
        guard let part = try await deliveryPart(id) else {
            throw Unknown(message: "There is no delivery \(id). Give \(Explainer.forms).")
        }
        let events = try await reader.events(deliveryRowID: id)
        var jobs: [Job] = []
        var answers: [String] = []
        for event in events {
            let itsJobs = try await reader.jobs(JobFilter(eventID: event.id))
            jobs += itsJobs
            answers.append(answer(event, itsJobs))
        }
        let answer =
            switch part.state {
            case .received: "Nothing ran yet: it is not looked at yet"
            case .undecodable: "Nothing ran: it could not be understood: \(part.note ?? "")"
            case .decoded where events.isEmpty && part.repeats > 0: "Nothing ran: all that it says was known already"
            case .decoded where events.isEmpty: "Nothing ran: it says nothing that is an event, or nothing new"
            case .decoded where Set(answers).count == 1: answers[0]
            case .decoded where jobs.isEmpty: "Nothing ran by any of its \(events.count) events"
            case .decoded:
                "Its \(events.count) events led to \(jobs.count == 1 ? "job" : "jobs") "
                    + jobs.map { "\($0.id)" }.joined(separator: ", ")
            }
        var result = Explanation(id: "delivery/\(id)", answer: answer)
        result.delivery = part
        result.events = events.map(EventListing.init)
        result.jobs = jobs.map(JobListing.init)
        result.reports = try await reports(["delivery/\(id)"])
        result.history = try await history("delivery/\(id)")
        return result
    }

    // MARK: Parts

    private func deliveryPart(_ rowID: Int64) async throws(LedgerError) -> Explanation.DeliveryPart? {
        // 0: it came in by no delivery.
        guard rowID != 0, let stored = try await reader.delivery(rowID: rowID) else { return nil }
        let accepted = try await reader.audit(
            AuditFilter(kind: "delivery.accepted", subject: "delivery/\(rowID)", limit: 1)
        ).first
        // The delivery itself is kept as it came; what the audit says of it has passed the redactor.
        return Explanation.DeliveryPart(
            rowID: rowID, deliveryID: accepted?.detail["delivery_id"]?.stringValue,
            source: stored.delivery.source.rawValue,
            route: stored.delivery.route, receivedAt: stored.delivery.receivedAt,
            remoteAddress: stored.delivery.remoteAddress, verifiedSender: accepted?.detail["sender"]?.stringValue,
            state: stored.state, repeats: stored.repeats, note: stored.note)
    }

    private func reports(_ subjects: [String]) async throws(LedgerError) -> [ReportListing] {
        var reports: [OutboxMessage] = []
        for subject in subjects { reports += try await reader.outbox(subject: subject) }
        return reports.sorted { $0.id < $1.id }.map(ReportListing.init)
    }

    private func history(_ subject: String) async throws(LedgerError) -> [AuditListing] {
        try await reader.audit(AuditFilter(subject: subject, limit: Explainer.longestHistory)).reversed()
            .map(AuditListing.init)
    }

    // MARK: The first line

    private func answer(_ job: Job, _ steps: [Step], _ event: StoredEvent?) -> String {
        let reason = job.reason.map { ": \($0)" } ?? ""
        let cause =
            switch job.requester {
            case .person(let id, _): "\(id) asked for it"
            case .rule: "\(job.requester) matched" + (event.map { " '\($0.event.subject)'" } ?? "")
            }
        let stopped = steps.first { [.failed, .timedOut, .unknown].contains($0.state) }
        let at = stopped.map { " at step \($0.index + 1) (\($0.name))" + ($0.error.map { ": \($0)" } ?? "") } ?? reason
        switch job.state {
        case .running, .verifying: return "Job \(job.id) runs, because \(cause)"
        case .held, .waitingConfirmation, .waitingApproval, .queued:
            return "Job \(job.id) does not run yet: it is \(job.state.words)\(reason)"
        case .succeeded: return "Job \(job.id) ran and succeeded, because \(cause)"
        default:
            guard job.startedAt != nil else { return "Job \(job.id) did not run: \(job.state.words)\(reason)" }
            return "Job \(job.id) ran, because \(cause), and ended as \(job.state.words)\(at)"
        }
    }

    private func answer(_ event: StoredEvent, _ jobs: [Job]) -> String {
        if let job = jobs.first, jobs.count == 1 {
            return "Job \(job.id) (\(job.commandLine)) came of it: \(job.state.words)"
                + (job.reason.map { ": \($0)" } ?? "")
        }
        if !jobs.isEmpty { return "\(jobs.count) jobs came of it: " + jobs.map { "\($0.id)" }.joined(separator: ", ") }
        let explanation = event.explanation
        if let nothing = explanation["starts_nothing"]?.stringValue { return "Nothing ran: \(nothing)" }
        if let decision = explanation["decision"]?.stringValue { return "Nothing ran: \(decision)" }
        if let said = explanation["answer"]?.stringValue {
            return "Nothing ran: the answer was '\(said.prefix { !$0.isNewline })'"
        }
        guard let rules = explanation["rules"]?.arrayValue else { return "No job: it was answered at once" }
        let decisions = rules.compactMap { rule in
            rule["decision"]?.stringValue.map { "rule \(rule["rule"]?.stringValue ?? "") matched: \($0)" }
        }
        if !decisions.isEmpty { return "Nothing ran: " + decisions.joined(separator: "; ") }
        return rules.isEmpty ? "Nothing ran: there are no rules" : "Nothing ran: none of \(rules.count) rules matched"
    }
}
