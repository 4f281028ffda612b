import Domain
import Foundation

/// What a job's message says, at every point of its way.
struct JobReport {
    /// More steps than this are summed up.
    static let shownSteps = 30
    /// Characters of a table in the main message.
    static let longestTable = 2800

    var job: Job
    var steps: [Step]
    var command: CommandDefinition?
    var definitions: DefinitionSet
    var now: Date
    /// What is said of the bot itself.
    var notice: String?
    /// The one person who reads it, where it is one; nil: a whole channel does.
    var reader: Person?

    /// The job's one message in a channel, edited in place.
    var main: Report {
        var blocks: [Report.Block] = []
        var about = [Report.Field("Asked by", requester)]
        if !job.pools.isEmpty { about.append(.init("Pool", job.pools.sorted().joined(separator: ", "))) }
        if let before = job.againOf { about.append(.init("Follows", "job \(before)")) }
        if let subject = job.variables["subject"]?.stringValue { about.append(.init("Because of", subject)) }
        if let ladder = job.ladder, ladder.count > 1 {
            let before = ladder.before.map { ", since job \($0) did not help" } ?? ""
            about.append(.init("Remedy", "\(ladder.rung) of \(ladder.count)\(before)"))
        }
        about.append(.init(job.startedAt == nil ? "Asked" : "Started", PersonTime.text(job.startedAt ?? job.createdAt)))
        if let took = took { about.append(.init("Took", took)) }
        blocks.append(.fields(about))
        if let text = verdict { blocks.append(.text(text)) }
        // Why a frozen job is held says the same.
        if let notice, job.state != .held { blocks.append(.text(notice)) }
        blocks += askingBlocks
        if job.startedAt != nil, !lines.isEmpty { blocks.append(.steps(lines)) }
        if job.isPlanOnly, job.state == .succeeded { blocks.append(.code(plan)) }
        if !job.isPlanOnly, job.state == .succeeded { blocks += tables }
        if job.state.isFinal { blocks += ending }
        if let newer = job.triedAgainAs {
            blocks.append(.fields([.init(isPlanThatSucceeded ? "Carried out" : "Tried again", "as job \(newer)")]))
        }
        if !offers.isEmpty { blocks.append(.offers(offers)) }
        return Report(mood: mood, title: "\(job.commandLine) · job \(job.id) · \(job.state.words)", blocks: blocks)
    }

    /// False for a job that only waits whether its alert is more than a flap, or that ended so; and for one of a quiet
    /// command that nobody asked for, while it goes well and has done nothing.
    var isWorthTelling: Bool {
        if job.isPerhapsForAFlap { return false }
        guard command?.isQuiet ?? false, job.requester.personID == nil else { return true }
        switch job.state {
        case .held, .queued, .running, .verifying: return false
        case .waitingConfirmation, .waitingApproval: return true
        case .failed, .cancelled, .timedOut, .denied, .expired, .superseded, .unknown: return true
        case .succeeded:
            // One that a person had to look at was told before.
            return steps.contains { step in
                step.state == .unknown || step.output?["changes"]?.intValue ?? 0 > 0 || step.output?["tell"] == true
            }
        }
    }

    private var isPlanThatSucceeded: Bool { job.isPlanOnly && job.state == .succeeded }

    var scope: JobScope { JobScope(job: job, definitions: definitions) }

    private var requester: String {
        switch job.requester {
        case .person(let id, _): definitions.people.first { $0.id == id }?.name ?? id
        case .rule: job.requester.description
        }
    }

    private var took: String? {
        guard let started = job.startedAt, let ended = job.endedAt else { return nil }
        return DurationText.human(ended.since(started))
    }

    private var mood: Report.Mood {
        switch job.state {
        case .held, .queued, .waitingApproval, .waitingConfirmation: .waiting
        case .running, .verifying: .running
        case .succeeded: .success
        case .failed, .timedOut, .unknown: .failure
        case .cancelled, .denied, .expired, .superseded: .warning
        }
    }

    private var lines: [Report.StepLine] {
        let shown = steps.filter { !$0.isOnFailure || $0.state != .pending }
        var lines = shown.prefix(JobReport.shownSteps).map {
            Report.StepLine(
                state: $0.state, name: $0.isOnFailure ? "\($0.name) (after the failure)" : $0.name, note: note($0))
        }
        if shown.count > JobReport.shownSteps {
            lines.append(.init(state: .pending, name: "and \(shown.count - JobReport.shownSteps) more", note: ""))
        }
        return lines
    }

    private func note(_ step: Step) -> String {
        var parts: [String] = []
        if let started = step.startedAt, let ended = step.endedAt {
            parts.append(DurationText.human(ended.since(started)))
        }
        switch step.state {
        case .running:
            if let retryAt = step.retryAt {
                parts.append("try \(step.attempt) failed, again at \(PersonTime.text(retryAt)): \(step.error ?? "")")
            } else if let progress = step.progress, job.state != .held {
                parts.append(progress)
            }
        case .succeeded, .skipped: if let summary = step.output?["summary"]?.stringValue { parts.append(summary) }
        case .pending, .failed, .timedOut, .cancelled, .unknown: break
        }
        if step.attempt > 1, step.state.isFinal { parts.append("\(step.attempt) tries") }
        return parts.joined(separator: " · ")
    }

    private var verdict: String? {
        switch job.state {
        case .queued, .held, .verifying, .running, .waitingApproval, .waitingConfirmation: job.reason
        case .succeeded:
            [job.reason, job.isPlanOnly ? nil : command?.onSuccess.map { scope.text($0, steps) }].compactMap { $0 }
                .joined(separator: "\n").nonEmpty
        case .cancelled, .denied, .expired, .superseded: job.reason
        // What a person found out stands above what the bot could tell.
        case .failed: job.startedAt == nil || steps.contains { $0.state == .unknown } ? job.reason : nil
        case .timedOut, .unknown: nil
        }
    }

    /// What a person needs who reads this first in the morning, or at night.
    private var ending: [Report.Block] {
        var blocks: [Report.Block] = []
        let failed = steps.first { !$0.isOnFailure && [.failed, .timedOut, .unknown, .cancelled].contains($0.state) }
        if [.failed, .timedOut, .unknown, .cancelled].contains(job.state), job.startedAt != nil {
            var fields: [Report.Field] = []
            if let failed {
                fields.append(.init("Failed step", failed.name))
                if let error = failed.error { fields.append(.init("Why", error)) }
                if job.ladder != nil, let reason = job.reason { fields.append(.init("And then", reason)) }
            } else if let reason = job.reason, job.state != .cancelled {
                fields.append(.init("Why", reason))
            }
            fields.append(.init("State now", stateLeft(failed)))
            if let hint = failed?.hint ?? command?.onFailure.hint.map({ scope.text($0, steps) }) {
                fields.append(.init("What to try", hint))
            }
            blocks.append(.fields(fields))
        }
        return blocks
    }

    /// What steps found that is an answer by itself: a list that was asked for.
    private var tables: [Report.Block] {
        steps.compactMap { $0.output?["table"]?.stringValue }.filter { !$0.isEmpty }.map {
            .code($0.utf8.count > JobReport.longestTable ? String($0.prefix(JobReport.longestTable)) + "\n… (cut)" : $0)
        }
    }

    private func stateLeft(_ failed: Step?) -> String {
        if job.state == .unknown {
            return
                "nobody can tell whether '\(failed?.name ?? "the step")' took effect; \(locks) until a person has looked and"
                + " says /defimon job \(job.id) succeeded, failed or retry"
        }
        if let says = command?.onFailure.says { return scope.text(says, steps) }
        let done = steps.filter { !$0.isOnFailure && $0.state == .succeeded }.map(\.name)
        return done.isEmpty ? "no step was completed" : "done and left as it is: " + done.joined(separator: ", ")
    }

    /// What a plan found, step by step.
    private var plan: String {
        steps.filter { !$0.isOnFailure && $0.state == .succeeded }.map { step in
            let details = step.output?["details"]?.stringValue ?? step.output?["summary"]?.stringValue ?? ""
            return "\(step.name)\n" + details.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Longer texts for the thread, when the job has ended: each step's details.
    func details(limit: Int = 2800) -> [Report] {
        if job.isPlanOnly { return [] }
        return steps.compactMap { step in
            guard let details = step.output?["details"]?.stringValue, !details.isEmpty else { return nil }
            let cut = details.utf8.count > limit ? String(details.prefix(limit)) + "\n… (cut)" : details
            return Report(mood: .info, title: step.name, blocks: [.code(cut)])
        }
    }

    /// What people on call are told when an automatic job did not work.
    var escalation: Report {
        var report = main
        report.title = "Needs a person: \(report.title)"
        return report
    }

    /// What people are told when nobody has said for a while what became of the job.
    var undecided: Report {
        var report = main
        report.title = "Needs a person, since \(DurationText.human(EventPath.timeToDecide)): \(report.title)"
        return report
    }

    private var locks: String {
        job.locks.isEmpty ? "the job stays undecided" : "the job holds \(job.locks.map(\.path).joined(separator: ", "))"
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
