import Domain
import Foundation

/// `schedules`.
extension BuiltInDesk {
    /// Schedules that are listed; more are counted.
    private static let mostSchedules = 40

    /// Every schedule with its next times, its last run and what became of it, and what keeps it from running.
    func schedules(_ work: RequestDesk.Work) async throws(LedgerError) -> RunAnswer {
        let definitions = board.definitions.value
        let all = definitions.allSchedules
        let wanted = work.words.joined(separator: " ")
        let shown = wanted.isEmpty ? all : all.filter { $0.name == wanted }
        if all.isEmpty { return accepted(Report(mood: .info, title: "Nothing is asked for by a schedule.")) }
        guard !shown.isEmpty else {
            let nearest = NearestName.of(wanted, in: all.map(\.name)).map { " — did you mean '\($0)'?" } ?? ""
            return refused("There is no schedule '\(wanted)'\(nearest)")
        }
        var blocks: [Report.Block] = []
        for schedule in shown.prefix(BuiltInDesk.mostSchedules) {
            blocks.append(.code(try await lines(schedule, definitions).joined(separator: "\n")))
        }
        let more = shown.count - BuiltInDesk.mostSchedules
        if more > 0 { blocks.append(.text("… and \(more) more; /defimon schedules <name> shows one.")) }
        return accepted(Report(mood: .info, title: "Schedules, \(PersonTime.text(time.now))", blocks: blocks))
    }

    private func lines(_ schedule: ScheduleDefinition, _ definitions: DefinitionSet) async throws(LedgerError)
        -> [String]
    {
        var lines = [schedule.name == schedule.run ? schedule.name : "\(schedule.name): \(schedule.run)"]
        if let summary = schedule.summary { lines[0] += "  (\(summary))" }
        let jitter = schedule.jitter.map { ", up to \(DurationText.human($0)) later" } ?? ""
        lines.append("  when  \(schedule.timing)\(jitter)")
        if schedule.isEnabled {
            var begins: [Date] = []
            while begins.count < 2, let next = schedule.nextBegin(after: begins.last ?? time.now) {
                begins.append(next)
            }
            lines.append("  next  " + begins.map { clock($0, schedule) }.joined(separator: ", then "))
        }
        let mark = ScheduleMark(try await reader.note(ScheduleMark.note(schedule.name)))
        lines.append("  last  \(try await last(mark, schedule))")
        lines += try await obstacles(schedule).map { "  now   \($0)" }
        return lines
    }

    private func clock(_ date: Date, _ schedule: ScheduleDefinition) -> String {
        guard case .cron(let cron) = schedule.timing, cron.zone.secondsFromGMT(for: date) != 0 else {
            return PersonTime.text(date)
        }
        return "\(date.wallClock(in: cron.zone)) \(cron.zone.defimonName) (\(PersonTime.text(date)))"
    }

    private func last(_ mark: ScheduleMark?, _ schedule: ScheduleDefinition) async throws(LedgerError) -> String {
        guard let mark else { return "none yet" }
        var text = "planned \(clock(mark.planned, schedule)): "
        guard let id = mark.job, let job = try await reader.job(id: id) else { return text + mark.decision }
        text += mark.decision + " " + job.state.words
        if let ended = job.endedAt { text += " \(DurationText.human(time.now.since(ended))) ago" }
        if let reason = job.reason, job.state != .succeeded { text += ": \(reason)" }
        return text
    }

    private func obstacles(_ schedule: ScheduleDefinition) async throws(LedgerError) -> [String] {
        var obstacles: [String] = []
        if !schedule.isEnabled { obstacles.append("not enabled") }
        if let freeze = board.freeze.value { obstacles.append("nothing that changes anything starts: \(freeze.words)") }
        if let open = await board.openJob(ofSchedule: schedule) {
            let what = schedule.missed == .all ? "waits for its end" : "is skipped until its end"
            obstacles.append(
                "job \(open) is under way" + (schedule.overlap == .refuse ? "; the next run \(what)" : ""))
        }
        return obstacles
    }
}
