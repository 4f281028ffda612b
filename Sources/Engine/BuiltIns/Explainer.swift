package import Domain
import Foundation

/// Tells from the ledger why something happened, or did not.
package struct Explainer: Sendable {
    private let reader: any LedgerReader

    package init(reader: any LedgerReader) { self.reader = reader }

    /// Explains `42` or `job/42`, `event/17`, `delivery/9`. Nil when there is no such thing.
    package func explain(_ id: String) async throws(LedgerError) -> Report? {
        let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count == 2 ? Int64(parts[1]) : nil) {
        case ("job", let number?): return try await job(number)
        case ("event", let number?): return try await event(number)
        case ("delivery", let number?): return try await delivery(number)
        default:
            guard let number = Int64(id) else { return nil }
            return try await job(number)
        }
    }

    private func job(_ id: JobID) async throws(LedgerError) -> Report? {
        guard let job = try await reader.job(id: id) else { return nil }
        let steps = try await reader.steps(jobID: id)
        var blocks: [Report.Block] = [
            .fields([
                .init("Command", job.commandLine), .init("Asked by", job.requester.description),
                .init("Asked", PersonTime.text(job.createdAt)),
                .init("State", job.state.words + (job.reason.map { ": \($0)" } ?? "")),
                .init("Locks", job.locks.map(\.path).joined(separator: ", ")),
            ])
        ]
        blocks.append(
            .steps(
                steps.filter { !$0.isOnFailure || $0.state != .pending }.map {
                    .init(state: $0.state, name: $0.name, note: $0.error ?? $0.output?["summary"]?.stringValue ?? "")
                }))
        if let eventID = job.eventID, let event = try await reader.event(id: eventID) {
            blocks.append(.text("It came from event/\(eventID): \(event.event.subject)"))
            blocks += eventBlocks(event)
        }
        blocks.append(.code(try await history(of: "job/\(id)")))
        return Report(mood: .info, title: "Why job \(id)", blocks: blocks)
    }

    private func event(_ id: Int64) async throws(LedgerError) -> Report? {
        guard let event = try await reader.event(id: id) else { return nil }
        return Report(mood: .info, title: "Why event \(id): \(event.event.subject)", blocks: eventBlocks(event))
    }

    private func delivery(_ id: Int64) async throws(LedgerError) -> Report? {
        guard let delivery = try await reader.delivery(rowID: id) else { return nil }
        let events = try await reader.events(limit: 1000, before: nil).filter { $0.deliveryRowID == id }
        var blocks: [Report.Block] = [
            .fields([
                .init("From", "\(delivery.delivery.source), \(delivery.delivery.route)"),
                .init("Received", PersonTime.text(delivery.delivery.receivedAt)),
                .init("State", delivery.state.rawValue + (delivery.note.map { ": \($0)" } ?? "")),
                .init("Came again", "\(delivery.repeats) times"),
            ])
        ]
        for event in events { blocks.append(.text("event/\(event.id): \(event.event.subject)")) }
        return Report(mood: .info, title: "Why delivery \(id)", blocks: blocks)
    }

    private func eventBlocks(_ event: StoredEvent) -> [Report.Block] {
        // 0: it came in by no delivery.
        let from = event.deliveryRowID == 0 ? event.event.source.rawValue : "delivery/\(event.deliveryRowID)"
        var blocks: [Report.Block] = [
            .fields([
                .init("Event", event.event.subject), .init("At", PersonTime.text(event.event.occurredAt)),
                .init("From", from), .init("Came again", "\(event.repeats) times"),
            ])
        ]
        let rules = event.explanation["rules"]?.arrayValue ?? []
        var lines: [String] = rules.map(ruleLine)
        if let nothing = event.explanation["starts_nothing"]?.stringValue {
            lines.append("no rule was asked: \(nothing)")
        }
        if let decision = event.explanation["decision"]?.stringValue { lines.append("→ \(decision)") }
        if let answer = event.explanation["answer"]?.stringValue { lines.append("answered: \(answer)") }
        if !lines.isEmpty { blocks.append(.code(lines.joined(separator: "\n"))) }
        return blocks
    }

    private func ruleLine(_ rule: JSONValue) -> String {
        let name = rule["rule"]?.stringValue ?? "?"
        if let decision = rule["decision"]?.stringValue { return "✓ rule \(name) matched → \(decision)" }
        let why = rule["outcome"]?["noMatch"]?["_0"]?.stringValue ?? ""
        return "– rule \(name): \(why)"
    }

    private func history(of subject: String) async throws(LedgerError) -> String {
        let records = try await reader.audit(AuditFilter(subject: subject, limit: 200))
        return records.reversed().filter { $0.kind != "report.delivered" }.suffix(50).map { record in
            "\(PersonTime.text(record.time))  \(record.kind)  by \(record.actor)"
        }.joined(separator: "\n")
    }
}
