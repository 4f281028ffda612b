import Domain
import Foundation

/// Follows a job from the command line: in a terminal the step that runs is rewritten in place, in a pipe each change is
/// a line.
struct JobWatch {
    var bot: ControlClient
    var isQuiet: Bool

    func untilEnd(of id: JobID) async throws -> JobDetails {
        var seen: [Int: StepState] = [:]
        var last = ""
        let begin = ContinuousClock.now
        if !isQuiet, !Terminal.isInteractive { Terminal.say("job \(id)") }
        while true {
            let details = try await bot.get("/api/v1/jobs/\(id)", as: JobDetails.self)
            if !isQuiet { tell(details, &seen, &last) }
            if details.job.state.isFinal {
                if Terminal.isInteractive, !isQuiet { clearLine() }
                return details
            }
            // A quick job is told at once, a long one is not asked after all the time.
            let pause = min(max((ContinuousClock.now - begin) / 8, .milliseconds(10)), .milliseconds(200))
            try await Task.sleep(for: pause)
        }
    }

    private func tell(_ details: JobDetails, _ seen: inout [Int: StepState], _ last: inout String) {
        for step in details.steps
        where step.state != .pending && step.state != .running && seen[step.index] != step.state {
            seen[step.index] = step.state
            if Terminal.isInteractive { clearLine() }
            Terminal.say(JobPrinting.line(step))
        }
        let now: String
        if let running = details.steps.first(where: { $0.state == .running }) {
            now = JobPrinting.line(running)
        } else {
            now = "\(details.job.state.words)\(details.job.reason.map { ": \($0)" } ?? "")"
        }
        guard now != last, !details.job.state.isFinal else { return }
        last = now
        if Terminal.isInteractive {
            clearLine()
            Terminal.write(String(now.prefix(160)))
        } else {
            Terminal.say(now)
        }
    }

    private func clearLine() {
        Terminal.write("\r\u{1b}[2K")
    }
}

/// Jobs as people read them in a terminal.
enum JobPrinting {
    static func line(_ step: StepListing) -> String {
        var text = "\(step.state.mark) \(step.name)"
        if let started = step.startedAt, let ended = step.endedAt {
            text += "  \(DurationText.human(ended.since(started)))"
        }
        if step.state == .running, let progress = step.progress { text += "  \(progress)" }
        if step.state == .succeeded || step.state == .skipped, let summary = step.output?["summary"]?.stringValue {
            text += "  \(summary)"
        }
        if let error = step.error, step.state != .succeeded { text += "\n    \(error)" }
        return text
    }

    /// The last message of the job, as it stands in the channel, or what can be told without one.
    static func end(_ details: JobDetails) {
        let job = details.job
        var took = ""
        if let started = job.startedAt, let ended = job.endedAt {
            took = " in \(DurationText.human(ended.since(started)))"
        }
        Terminal.say("job \(job.id) \(job.state.words)\(took): \(job.commandLine)")
        // A failed step has said it already.
        if let reason = job.reason, !details.steps.contains(where: { $0.error != nil && $0.state != .succeeded }) {
            Terminal.say(reason)
        }
        // A command of one step is asked for what that step found.
        let isOneStep = details.steps.count { !$0.isOnFailure } == 1
        for step in details.steps {
            if let table = step.output?["table"]?.stringValue, !table.isEmpty { Terminal.say(table) }
            if step.state == .failed || step.state == .timedOut || step.state == .unknown, let hint = step.hint {
                Terminal.say("What to try: \(hint)")
            }
            if let text = step.output?["details"]?.stringValue, !text.isEmpty,
                job.isPlanOnly || step.state == .failed || (isOneStep && step.output?["table"] == nil)
            {
                Terminal.say(step.name)
                Terminal.say(text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
            }
        }
    }

    static func show(_ details: JobDetails) {
        let job = details.job
        Terminal.say("job \(job.id)  \(job.commandLine)  \(job.state.words)\(job.reason.map { ": \($0)" } ?? "")")
        Terminal.say(
            "asked by \(job.requester) at \(job.createdAt.rfc3339)"
                + (job.eventID.map { ", because of event/\($0)" } ?? ""))
        for step in details.steps where !step.isOnFailure || step.state != .pending { Terminal.say(line(step)) }
        // Of the edits of one message the newest tells how it stands.
        let newest = Dictionary(
            details.reports.filter { $0.state != .merged }.map { ("\($0.place) \($0.slot.rawValue)", $0) },
            uniquingKeysWith: { $1 })
        for report in newest.values.sorted(by: { $0.id < $1.id }) {
            Terminal.say(
                "report to \(report.place), \(report.slot.rawValue): \(report.state.rawValue)"
                    + (report.lastError.map { " (\($0))" } ?? ""))
        }
    }
}
