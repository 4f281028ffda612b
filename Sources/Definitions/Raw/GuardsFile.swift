import Domain
import Foundation

/// What a rule's, a schedule's or a command's file says under `guards`.
struct GuardsFile: Sendable {
    var guards = Guards()
    var per: Located<String>?
    var holdWhile: [Located<String>]
    /// The templates of `at_most`.
    var groups: [Located<String>] = []

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        guards.firingForMilliseconds =
            reader.one(
                "firing_for", .duration, "How long the alert must have fired", Convert.duration("'firing_for'"))?
            .value.milliseconds
        guards.cooldownMilliseconds =
            reader.one(
                "cooldown", .duration, "How long after a job's end no second one starts for the same key",
                Convert.duration("'cooldown'"))?.value.milliseconds
        per = reader.one(
            "per", .template, "The key that 'cooldown' and 'limit' count by", default: "the command line",
            Convert.template("'per'"))
        guards.per = per?.value
        guards.limit =
            reader.section("limit", "limit", "How often it may start by itself, over all rules", StartLimit.read)
            .flatMap { $0 }
        guards.maintenance = reader.one(
            "maintenance", .choice(Deferral.allCases.map(\.rawValue)),
            "What becomes of it while people have one of its pools in maintenance: there is no job, it waits for the end, or a person decides",
            default: "queue", Convert.choice("'maintenance'", of: Deferral.allCases.map(\.rawValue))
        ).flatMap { Deferral(rawValue: $0.value) }
        let windows =
            reader.sections(
                "windows", "window", "Times that come again, in which it is not to run as usual", atMost: 10,
                GuardWindow.read) ?? []
        guards.windows = windows.isEmpty ? nil : windows.compactMap { $0 }
        holdWhile =
            reader.many(
                "hold_while", .text(nil),
                "Commands, jobs of which hold it back while they work on one of its pools; with their subcommands",
                atMost: 20, Convert.text(nil, "a command")) ?? []
        guards.holdWhile = holdWhile.isEmpty ? nil : holdWhile.map(\.value)
        let group = reader.section(
            "at_most", "at_most", "How many of a group may be under way at once", AtMostFile.init)
        guards.atMost = group?.bound
        groups = [group?.of, group?.among].compactMap { $0 }
        guards.cancelOnResolve =
            reader.one(
                "cancel_on_resolve", .flag, "Whether a resolve cancels the job before its first change",
                default: "false", Convert.flag("'cancel_on_resolve'"))?.value ?? false
        guards.startWithinMilliseconds =
            reader.one(
                "start_within", .duration, "How long the job may wait before it starts",
                Convert.duration("'start_within'"))?.value.milliseconds
        guards.ifUnknown = reader.one(
            "if_unknown", .choice(IfUnknown.allCases.map(\.rawValue)),
            "What to do when Alertmanager cannot say whether the alert still fires", default: "ask",
            Convert.choice("'if_unknown'", of: IfUnknown.allCases.map(\.rawValue))
        ).flatMap { IfUnknown(rawValue: $0.value) }
        if let per, guards.cooldownMilliseconds == nil, reader.value["cooldown"] == nil, reader.value["limit"] == nil {
            reader.report(
                "'per' has no effect without 'cooldown' or 'limit'", at: per.location, fix: "add one, or remove it")
        }
    }

    /// The texts that are templates.
    var templates: [Located<String>] { [per].compactMap { $0 } + groups }

    /// Names in `hold_while` that no command has.
    func problems(among commands: [String]) -> [Problem] {
        holdWhile.compactMap { name in
            if commands.contains(where: { $0 == name.value || $0.hasPrefix(name.value + " ") }) { return nil }
            return Problem(
                "there is no command '\(name.value)'", at: name.location,
                fix: NearestName.of(name.value, in: commands).map { "did you mean '\($0)'?" }
                    ?? "commands: \(commands.sorted().joined(separator: ", "))")
        }
    }
}

extension StartLimit {
    /// The longest time that starts are counted over.
    private static let longest = Duration.seconds(1)...Duration.seconds(30 * 86_400)

    /// Reads the map under `limit`.
    fileprivate static func read(_ reader: inout KeyReader) -> StartLimit? {
        let count = reader.one(
            "count", .integer(1...1000), "So many starts; at one more the breaker opens", isRequired: true,
            Convert.integer("'count'", in: 1...1000))
        let per = reader.one(
            "per", .duration, "The time that is looked back, up to 30d", isRequired: true,
            Convert.duration("'per'", in: longest))
        let warn = reader.one(
            "warn_at", .integer(1...1000), "At so many starts people are warned",
            Convert.integer("'warn_at'", in: 1...1000))
        let reset = reader.one(
            "reset_after", .duration, "How long after the breaker opened one more start is tried",
            default: "never: a person closes it", Convert.duration("'reset_after'", in: longest))
        if let count, let warn, warn.value > count.value {
            reader.report(
                "'warn_at' is more than 'count': so many starts there never are", at: warn.location,
                fix: "give at most \(count.value)")
        }
        guard let count, let per else { return nil }
        return StartLimit(
            count: count.value, perMilliseconds: per.value.milliseconds, warnAt: warn?.value,
            resetAfterMilliseconds: reset?.value.milliseconds)
    }
}

extension GuardWindow {
    /// Reads one map under `windows`.
    fileprivate static func read(_ reader: inout KeyReader) -> GuardWindow? {
        let cron = reader.one(
            "cron", .cron, "When it begins, as in crontab: minute, hour, day of the month, month, day of the week",
            isRequired: true, Convert.cron)
        let zone = reader.one("time_zone", .timeZone, "The zone of 'cron'", default: "UTC", Convert.timeZone)
        let length = reader.one(
            "for", .duration, "How long it lasts, 1m to 7d", isRequired: true,
            Convert.duration("'for'", in: GuardWindow.bounds))
        let words = Deferral.allCases.map(\.rawValue)
        let then = reader.one(
            "then", .choice(words), "There is no job, it waits for the end, or a person decides", default: "queue",
            Convert.choice("'then'", of: words)
        ).flatMap { Deferral(rawValue: $0.value) }
        guard let text = reader.value["cron"]?.text, cron != nil, let length else { return nil }
        return GuardWindow(
            cron: text, timeZone: zone?.value.identifier ?? "UTC", lengthMilliseconds: length.value.milliseconds,
            then: then ?? .queue)
    }
}

/// What stands under `at_most`.
private struct AtMostFile {
    var bound: AtMost?
    var of: Located<String>?
    var among: Located<String>?

    init(_ reader: inout KeyReader) {
        let count = reader.one(
            "count", .integer(1...1000), "So many", Convert.integer("'count'", in: 1...1000))
        let share = reader.one(
            "share_percent", .integer(1...100),
            "Or a share of how many there are, rounded down, and never less than one",
            Convert.integer("'share_percent'", in: 1...100))
        of = reader.one("of", .template, "The group's name", isRequired: true, Convert.template("'of'"))
        among = reader.one(
            "among", .template, "With a share: how many there are in the group", Convert.template("'among'"))
        let place = reader.value.location
        if (reader.value["count"] == nil) == (reader.value["share_percent"] == nil) {
            reader.report("'at_most' needs one of 'count' and 'share_percent'", at: place, fix: "write count: 1")
        }
        if share != nil, among == nil, reader.value["among"] == nil {
            reader.report(
                "'share_percent' needs 'among'", at: place, fix: "write how many there are, or a template of it")
        }
        if let among, share == nil, reader.value["share_percent"] == nil {
            reader.report("'among' has no effect without 'share_percent'", at: among.location, fix: "remove it")
        }
        bound = of.map { AtMost(count: count?.value, sharePercent: share?.value, of: $0.value, among: among?.value) }
    }
}
