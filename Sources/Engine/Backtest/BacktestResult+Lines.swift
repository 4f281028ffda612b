import Domain
import Foundation

extension BacktestDecision {
    /// For people: when, about what, what would have happened and why, and what the bot did. The words of the guards are
    /// those of `explain`.
    package var lines: [String] {
        let mark = actual?.isSame == false ? "≠ " : ""
        let place = delivery > 0 ? "  (delivery/\(delivery))" : ""
        var lines = ["\(PersonTime.text(at))  \(mark)\(subject)\(place)", "    → \(headline)"]
        if !key.isEmpty, key != commandLine { lines.append("    key '\(key)'") }
        lines += guards.map(line)
        lines += later.map { "    then: \($0)" }
        if let beganAt {
            lines.append("    began \(PersonTime.text(beganAt))" + end(since: beganAt))
            // What was asked again and said the same is not said twice.
            lines += startGuards.filter { !guards.contains($0) }.map { "  " + line($0) }
        } else if let endReason {
            let at = endedAt.map { " (\(PersonTime.text($0)))" } ?? ""
            lines.append("    never began: \(endReason)\(at)")
        } else if run != nil {
            lines.append("    had not begun at the end of the time looked at")
        }
        if let actual { lines.append("    the bot: \(actual.words)") }
        return lines
    }

    private var headline: String {
        let name = run.map { " as \($0)" } ?? ""
        switch kind {
        case .run: return "would run '\(commandLine)'\(name)"
        case .hold: return "would hold '\(commandLine)'\(name)"
        case .ask: return "would ask people whether to run '\(commandLine)'\(name)"
        case .refuse: return "would not run '\(commandLine)': \(decision)"
        case .problem: return decision
        }
    }

    private func line(_ verdict: GuardVerdict) -> String {
        "    \(verdict.outcome == .passes ? "✓" : "✗") guard \(verdict.guardName): \(verdict.says)"
    }

    private func end(since began: Date) -> String {
        guard let endState, let endedAt else { return ", and had not ended yet" }
        let reason = endState == .succeeded ? nil : endReason
        return ", took \(DurationText.human(endedAt.since(began))), \(endState.words)"
            + (reason.map { ": \($0)" } ?? "")
    }
}

extension BacktestSummary {
    /// For people.
    package var lines: [String] {
        var lines = [
            "\(source), \(PersonTime.text(from)) to \(PersonTime.text(until)): \(count(deliveries, "delivery", "deliveries")), "
                + "\(count(events, "new event")), \(count(resends, "resend"))"
        ]
        if withoutBody > 0 {
            lines.append(
                "\(count(withoutBody, "delivery has", "deliveries have")) no body any more (limits.keep_bodies) and could not be looked at"
            )
        }
        if undecodable > 0 { lines.append("\(count(undecodable, "delivery", "deliveries")) could not be understood") }
        let runs = runs == 0 ? "it would not have run" : "it would have run \(BacktestSummary.times(runs))"
        lines.append(
            "The rule \(rule) "
                + (matched == 0 ? "matched nothing." : "matched \(BacktestSummary.times(matched)); \(runs)."))
        if !heldBy.isEmpty { lines.append("  held for a while by: \(list(heldBy))") }
        if !keptBy.isEmpty { lines.append("  kept from running by: \(list(keptBy))") }
        if same + different > 0 || notCompared > 0 {
            var words = ["\(same) the same"]
            if different > 0 { words.append("\(different) otherwise (marked ≠)") }
            if notCompared > 0 { words.append("\(notCompared) it cannot be compared with") }
            lines.append("  against what the bot did: " + words.joined(separator: ", "))
        }
        lines += assumptions.map { "  taken: \($0)" }
        return lines
    }

    private func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    private func list(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \(BacktestSummary.times($0.value))" }
            .joined(separator: ", ")
    }

    private static func times(_ number: Int) -> String {
        number == 1 ? "once" : number == 2 ? "twice" : "\(number) times"
    }
}
