import Domain
import Foundation

/// Checks schedules and makes definitions of them.
struct ScheduleChecker {
    let settings: CheckedSettings
    private(set) var problems: [Problem] = []

    init(settings: CheckedSettings) { self.settings = settings }

    /// Runs of a cron time between which the shortest wait is looked for, from a fixed day on.
    private static let sampled = 400

    /// The schedule of a command's own file.
    mutating func definition(of file: ScheduleFile, for command: CommandDefinition) -> ScheduleDefinition? {
        // Nobody types the arguments of a scheduled job: they are all in its file.
        check(file, command, at: file.location)
        guard let timing = timing(file) else { return nil }
        return ScheduleDefinition(
            name: command.name, run: command.name, timing: timing, jitter: file.jitter?.value, missed: file.missed,
            overlap: file.overlap, with: file.with, guards: file.guards?.guards ?? Guards(), location: file.location)
    }

    /// A schedule of `schedules/`.
    mutating func definition(of file: WholeScheduleFile, commands: [String: CommandDefinition]) -> ScheduleDefinition? {
        let place = file.name?.location ?? file.location
        if let name = file.name?.value, commands[name]?.schedule != nil {
            problems.append(
                Problem(
                    "the command '\(name)' has a schedule of its own, which has this name", at: place,
                    fix: "choose another name"))
        }
        if let run = file.run {
            if let command = commands[run.value] {
                check(file.schedule, command, at: run.location)
                problems += file.schedule.guards?.problems(among: Array(commands.keys)) ?? []
                let scope = placeScope(command)
                problems += scope.problems(in: file.report) + scope.problems(in: file.escalate)
            } else {
                let names = commands.keys.sorted()
                problems.append(
                    Problem(
                        "there is no command '\(run.value)'", at: run.location,
                        fix: NearestName.of(run.value, in: names).map { "did you mean '\($0)'?" }
                            ?? "commands: \(names.joined(separator: ", "))"))
            }
        }
        guard let timing = timing(file.schedule) else { return nil }
        return ScheduleDefinition(
            name: file.name?.value ?? "", summary: file.summary, isEnabled: file.isEnabled,
            run: file.run?.value ?? "", timing: timing, jitter: file.schedule.jitter?.value,
            missed: file.schedule.missed, overlap: file.schedule.overlap, with: file.schedule.with,
            guards: file.schedule.guards?.guards ?? Guards(), report: file.report.map(\.value),
            escalate: file.escalate.map(\.value),
            location: place)
    }

    private mutating func check(_ file: ScheduleFile, _ command: CommandDefinition, at place: SourceLocation) {
        for member in file.with { problems += settings.scope.problems(in: member.value) }
        let checker = ArgumentsChecker(settings: settings, scope: settings.scope)
        problems += checker.problems(of: file.with, for: command, at: place)
        var scope = placeScope(command)
        for word in ["command", "requester", "person", "commandline"] { scope.add("job.\(word)", .text(nil)) }
        for template in file.guards?.templates ?? [] { problems += scope.problems(in: template) }
    }

    /// What the templates of places may name.
    private func placeScope(_ command: CommandDefinition) -> PathScope {
        var scope = settings.scope
        for argument in command.arguments { scope.add("arguments.\(argument.name)", argument.type) }
        for word in ["schedule", "command", "planned", "when"] { scope.add("event.\(word)", .text(nil)) }
        return scope
    }

    private mutating func timing(_ file: ScheduleFile) -> ScheduleDefinition.Timing? {
        let timing: ScheduleDefinition.Timing
        if let every = file.every {
            timing = .every(every.value)
        } else if let cron = file.cron {
            timing = .cron(ZonedCron(cron.value, in: file.timeZone?.value ?? .gmt))
        } else {
            return nil
        }
        if let jitter = file.jitter {
            let shortest = ScheduleChecker.shortestWait(timing)
            if jitter.value >= shortest {
                problems.append(
                    Problem(
                        "'jitter' must be shorter than the time between two runs, which is \(DurationText.canonical(shortest))",
                        at: jitter.location))
            }
        }
        return timing
    }

    private static func shortestWait(_ timing: ScheduleDefinition.Timing) -> Duration {
        guard case .cron(let cron) = timing else {
            if case .every(let every) = timing { return every }
            return .zero
        }
        var shortest = ScheduleDefinition.jitters.upperBound + .seconds(1)
        // 2026-01-01T00:00:00Z.
        var time = Date(timeIntervalSince1970: 1_767_225_600)
        for index in 0..<sampled {
            guard let next = cron.next(after: time) else { break }
            if index > 0 { shortest = min(shortest, next.since(time)) }
            time = next
        }
        return shortest
    }
}
