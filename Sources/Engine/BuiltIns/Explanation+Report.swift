package import Domain
import Foundation

extension Explanation {
    /// Audit records that are shown to people.
    private static let shownRecords = 20
    /// Characters that are shown of what a matcher saw.
    private static let shownValue = 80

    /// For people: what matters most comes first, since a channel may cut the end.
    package var report: Report {
        var blocks: [Report.Block] = []
        if let job = jobs.first, !steps.isEmpty || id.hasPrefix("job/") {
            blocks.append(.fields(jobFields(job)))
            blocks.append(.steps(steps.filter { !$0.isOnFailure || $0.state != .pending }.map(line)))
        }
        for event in events {
            blocks.append(.fields(eventFields(event)))
            let lines = ruleLines(event.explanation)
            if !lines.isEmpty { blocks.append(.code(lines.joined(separator: "\n"))) }
        }
        if !id.hasPrefix("job/"), !jobs.isEmpty {
            blocks.append(
                .code(jobs.map { "job \($0.id)  \($0.commandLine)  \($0.state.words)" }.joined(separator: "\n")))
        }
        if let delivery { blocks.append(.fields(fields(delivery))) }
        if !reports.isEmpty { blocks.append(.code((["Reports:"] + reportLines).joined(separator: "\n"))) }
        let records = history.filter { $0.kind != "report.delivered" }
        if !records.isEmpty {
            let lines = records.suffix(Explanation.shownRecords).map {
                "\(PersonTime.text($0.time))  \($0.kind)  by \($0.actor)" + words(of: $0)
            }
            blocks.append(.code((["History:"] + lines).joined(separator: "\n")))
        }
        return Report(mood: .info, title: "\(id): \(answer)", blocks: blocks)
    }

    /// Why somebody approved or not, and why that did not count.
    private func words(of record: AuditListing) -> String {
        guard record.kind.hasPrefix("job.approval-"), let reason = record.detail["reason"]?.stringValue else {
            return ""
        }
        return ": \(shown(reason))"
    }

    // MARK: A job

    private func jobFields(_ job: JobListing) -> [Report.Field] {
        var fields: [Report.Field] = [
            .init("Command", job.commandLine + (job.isPlanOnly ? " (only planned)" : "")),
            .init("State", job.state.words + (job.reason.map { ": \($0)" } ?? "")),
            .init("Asked", PersonTime.text(job.createdAt)),
            .init(
                "Allowed", job.identity.map { "\(job.requester) as \($0), by their roles" } ?? "by \(job.requester)"),
        ]
        if let started = job.startedAt { fields.append(.init("Started", PersonTime.text(started))) }
        if let ended = job.endedAt { fields.append(.init("Ended", PersonTime.text(ended))) }
        if let until = job.heldUntil, job.endedAt == nil { fields.append(.init("Held until", PersonTime.text(until))) }
        if job.startedAt == nil, job.endedAt == nil {
            fields.append(.init("Must start by", PersonTime.text(job.startBefore)))
        }
        if let guards, !guards.words.isEmpty {
            fields.append(.init("Guards", guards.words.joined(separator: ", ")))
        }
        for verdict in verdicts ?? [] {
            fields.append(
                .init("\(verdict.outcome == .passes ? "✓" : "✗") guard \(verdict.guardName)", shown(verdict.says)))
        }
        if !job.locks.isEmpty { fields.append(.init("Locks", job.locks.joined(separator: ", "))) }
        if let by = job.cancelledBy { fields.append(.init("Cancelled by", by)) }
        return fields
    }

    private func line(_ step: StepListing) -> Report.StepLine {
        var notes = [step.error ?? step.output?["summary"]?.stringValue ?? step.progress ?? ""]
        if step.attempt > 1 { notes.append("\(step.attempt) tries") }
        if let hint = step.hint { notes.append(hint) }
        let note = notes.filter { !$0.isEmpty }.joined(separator: "; ")
        return .init(state: step.state, name: step.name, note: note.count > 400 ? note.prefix(400) + "…" : note)
    }

    // MARK: Events and deliveries

    private func eventFields(_ event: EventListing) -> [Report.Field] {
        var fields: [Report.Field] = [
            .init("event/\(event.id)", "\(event.source) \(event.kind): \(event.subject)"),
            .init("At", PersonTime.text(event.occurredAt)), .init("Came again", Explanation.times(event.repeats)),
        ]
        if let identity = event.identity { fields.append(.init("Asked as", identity)) }
        return fields
    }

    private func fields(_ delivery: DeliveryPart) -> [Report.Field] {
        [
            .init("delivery/\(delivery.rowID)", delivery.deliveryID ?? "(its source gives none)"),
            .init("From", "\(delivery.source), route \(delivery.route), \(delivery.remoteAddress)"),
            .init("Received", PersonTime.text(delivery.receivedAt)),
            .init("Verified", delivery.verifiedSender.map { "yes: \($0)" } ?? "yes"),
            .init("State", delivery.state.rawValue + (delivery.note.map { ": \($0)" } ?? "")),
            .init("Came again", Explanation.times(delivery.repeats)),
        ]
    }

    private static func times(_ count: Int64) -> String {
        count == 0 ? "never" : count == 1 ? "once" : "\(count) times"
    }

    /// Every rule: those of other sources in one line, each other one with its matchers.
    private func ruleLines(_ explanation: JSONValue) -> [String] {
        var lines: [String] = []
        var foreign: [String] = []
        for rule in explanation["rules"]?.arrayValue ?? [] {
            let name = rule["rule"]?.stringValue ?? "?"
            let refusal = rule["outcome"]?["noMatch"]?["_0"]?.stringValue
            if let refusal, refusal.hasPrefix(RuleConsideration.otherSource) {
                foreign.append(name)
                continue
            }
            lines.append("\(refusal == nil ? "✓" : "–") rule \(name)")
            for verdict in rule["verdicts"]?.arrayValue ?? [] {
                let saw = verdict["saw"]?.stringValue ?? ""
                lines.append(
                    "    \(verdict["holds"] == true ? "✓" : "✗") \(verdict["matcher"]?.stringValue ?? "") saw \"\(shown(saw))\""
                )
            }
            for (variable, value) in (rule["variables"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
                lines.append("    \(variable) is \"\(shown(value.plainText))\"")
            }
            if let command = rule["outcome"]?["runs"]?["commandLine"]?.stringValue {
                lines.append("    runs \(command)")
            }
            for verdict in rule["guards"]?.arrayValue ?? [] {
                let says = verdict["says"]?.stringValue ?? ""
                lines.append(
                    "    \(verdict["outcome"] == "passes" ? "✓" : "✗") guard \(verdict["guard"]?.stringValue ?? ""): \(shown(says))"
                )
            }
            if let decision = rule["decision"]?.stringValue {
                lines.append("    → \(decision)")
            } else if let refusal, rule["verdicts"]?.arrayValue?.contains(where: { $0["holds"] == false }) != true {
                lines.append("    \(shown(refusal))")
            }
        }
        if !foreign.isEmpty { lines.append("– rules of other sources: " + foreign.joined(separator: ", ")) }
        if let nothing = explanation["starts_nothing"]?.stringValue { lines.append("no rule was asked: \(nothing)") }
        if let request = explanation["request"]?.stringValue { lines.append("asked: \(shown(request))") }
        if let decision = explanation["decision"]?.stringValue { lines.append("→ \(decision)") }
        if let answer = explanation["answer"]?.stringValue { lines.append("answered: \(answer)") }
        return lines
    }

    private func shown(_ text: String) -> String {
        text.count > Explanation.shownValue ? text.prefix(Explanation.shownValue) + "…" : text
    }

    // MARK: Reports

    /// One line for each that reached its end, or has not yet; those that a newer one replaced are counted.
    private var reportLines: [String] {
        var lines = reports.filter { $0.state != .merged }.map { report in
            var line = "\(report.place)  \(report.slot.rawValue)  \(report.state.rawValue)"
            line += report.attempts == 1 ? ", 1 try" : ", \(report.attempts) tries"
            if report.state == .pending { line += ", next at \(PersonTime.text(report.notBefore))" }
            if let error = report.lastError { line += ": \(shown(error))" }
            return line
        }
        if lines.count > 20 { lines = ["\(lines.count - 20) older ones"] + lines.suffix(20) }
        let merged = reports.count { $0.state == .merged }
        if merged > 0 { lines.append("\(merged) replaced by newer ones before they went out") }
        return lines
    }
}
