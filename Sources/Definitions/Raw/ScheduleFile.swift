import Domain
import Foundation

/// When the bot asks for a command: what a command's file says under `schedule`, and most of a schedule's own file.
struct ScheduleFile: Sendable {
    var every: Located<Duration>?
    var cron: Located<Cron>?
    var timeZone: Located<TimeZone>?
    var jitter: Located<Duration>?
    var missed: ScheduleDefinition.Missed
    var overlap: ScheduleDefinition.Overlap
    var with: [LocatedValue.Member]
    var guards: GuardsFile?
    var location: SourceLocation

    /// Guards that look at the alert which led to a job.
    private static let guardsOfAlerts = ["firing_for", "cancel_on_resolve", "if_unknown"]

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        every = reader.one(
            "every", .duration,
            "The interval, 1m to 7d: it is asked for at the multiples of it since Thursday, 1970-01-01, 00:00 UTC",
            Convert.duration("'every'", in: ScheduleDefinition.bounds))
        cron = reader.one(
            "cron", .cron,
            "The times, as in crontab: minute, hour, day of the month, month, day of the week; of a run that the change of a clock leaves out there is one right after, of one that comes twice only the first",
            Convert.cron)
        timeZone = reader.one(
            "time_zone", .timeZone, "The zone of 'cron'", default: "UTC", Convert.timeZone)
        jitter = reader.one(
            "jitter", .duration,
            "Each run begins up to that much later, by a number that its name and its time give; shorter than the time between two runs",
            Convert.duration("'jitter'", in: ScheduleDefinition.jitters))
        missed =
            reader.one(
                "missed", .choice(ScheduleDefinition.Missed.allCases.map(\.rawValue)),
                "Which of the runs are made up for that were missed by more than 2m: the latest, none, or all one after the other, of more than \(ScheduleDefinition.mostMadeUp) the latest",
                default: "once",
                Convert.choice("'missed'", of: ScheduleDefinition.Missed.allCases.map(\.rawValue))
            )
            .flatMap { .init(rawValue: $0.value) } ?? .once
        overlap =
            reader.one(
                "overlap", .choice(ScheduleDefinition.Overlap.allCases.map(\.rawValue)),
                "Whether a run begins while a job of the schedule is under way", default: "refuse",
                Convert.choice("'overlap'", of: ScheduleDefinition.Overlap.allCases.map(\.rawValue))
            )
            .flatMap { .init(rawValue: $0.value) } ?? .refuse
        with =
            reader.map("with", .anything, "The command's arguments; templates may name pools and env") {
                value throws(Problem) in value
            }.map { LocatedValue.Member(name: $0.name.value, location: $0.name.location, value: $0.value.value) }
        guards = reader.section(
            "guards", "guards", "What keeps it from making things worse; those that look at an alert mean nothing here",
            GuardsFile.init)
        location = reader.value.location
        check(&reader)
    }

    private func check(_ reader: inout KeyReader) {
        let value = reader.value
        for member in value["guards"]?.members ?? [] where ScheduleFile.guardsOfAlerts.contains(member.name) {
            reader.report(
                "'\(member.name)' has no effect here: no alert leads to a schedule's jobs", at: member.location,
                fix: "remove it")
        }
        if let cron = value.member("cron"), value["every"] != nil {
            reader.report("a schedule has either 'every' or 'cron'", at: cron.location, fix: "remove one of them")
        }
        if let zone = value.member("time_zone"), value["cron"] == nil {
            reader.report("'time_zone' has no effect without 'cron'", at: zone.location, fix: "remove it")
        }
        let isMeant = (value.members ?? []).contains { NearestName.of($0.name, in: ["every", "cron"]) != nil }
        if !isMeant {
            reader.report(
                "the schedule says neither 'every' nor 'cron'", at: location,
                fix: "add every: 15m, or cron: '30 2 * * *' and a time_zone")
        }
    }
}

/// A schedule's own file, `schedules/<name>.yaml`.
struct WholeScheduleFile: Sendable {
    var name: Located<String>?
    var summary: String?
    var isEnabled: Bool
    var run: Located<String>?
    var schedule: ScheduleFile
    var report: [Located<PlaceTemplate>]
    var escalate: [Located<PlaceTemplate>]
    var location: SourceLocation

    /// Reads a whole file.
    init(_ reader: inout KeyReader) {
        name = reader.one(
            "schedule", .text(.command), "Its name, which is the file's name too", isRequired: true,
            Convert.text(.command, "'schedule'"))
        summary = reader.one("summary", .text(nil), "One line for people", Convert.text(nil, "'summary'"))?.value
        isEnabled =
            reader.one(
                "enabled", .flag, "False: it is checked and asks for nothing", default: "true",
                Convert.flag("'enabled'"))?.value ?? true
        run = reader.one("run", .text(nil), "The command it runs", isRequired: true, Convert.text(nil, "'run'"))
        schedule = ScheduleFile(&reader)
        report =
            reader.many(
                "report", .placeTemplate,
                "Where its jobs are reported; as the command says, or the settings' places, when there are none",
                atMost: 10, Convert.placeTemplate) ?? []
        escalate =
            reader.many(
                "escalate", .placeTemplate, "Places that are told when it fails", atMost: 10, Convert.placeTemplate)
            ?? []
        location = reader.value.location
    }
}
