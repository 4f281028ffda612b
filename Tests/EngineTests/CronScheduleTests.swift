import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Schedules with files of their own: cron times in zones, what is missed, what overlaps. Time begins at
/// 2026-09-21T14:13:20Z, which is 16:13:20 in Berlin.
@Suite struct CronScheduleTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func schedule(
        _ name: String, _ cron: String, in zone: String = "UTC", run: String = "sweep",
        with: [String: String] = ["what": "a"], _ change: (inout ScheduleDefinition) -> Void = { _ in }
    ) throws -> ScheduleDefinition {
        var schedule = ScheduleDefinition(
            name: name, run: run,
            timing: .cron(ZonedCron(try Cron(parsing: cron), in: try #require(TimeZone(identifier: zone)))),
            with: Samples.schedule(every: .zero, with: with).with)
        change(&schedule)
        return schedule
    }

    private func definitions(_ schedules: ScheduleDefinition..., hash: String = "h1") throws -> DefinitionSet {
        var set = Samples.set(
            [
                try Samples.command(
                    "sweep", [Samples.step("one", what: "{{arguments.what}}")],
                    arguments: [Samples.argument("what", .text(nil))])
            ], hash: hash)
        set.schedules = schedules
        return set
    }

    private func run(
        _ definitions: DefinitionSet, crashes: Bool = false, reloading: (@Sendable () -> DefinitionSet)? = nil,
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, crashes: crashes, reloading: reloading, body)
    }

    private func advance(to clock: String) throws {
        let date = try #require(Date(rfc3339: clock.contains("T") ? clock : "2026-09-21T\(clock)Z"))
        time.advance(by: date.since(time.now))
    }

    private func taken(_ bot: Harness) async throws -> [String] {
        try await bot.ledger.events(limit: 100, before: nil).reversed().map { stored in
            let clock = stored.event.occurredAt.rfc3339.dropFirst(8).prefix(8)
            return "\(clock) \(stored.explanation["decision"]?.stringValue ?? "")"
        }
    }

    /// Waits until the schedule has been looked at for the first time.
    private func begun(_ name: String, _ bot: Harness) async throws {
        let isBegun = try await eventually { try await bot.ledger.note("schedule/\(name)") != nil ? true : nil }
        try #require(isBegun == true)
    }

    private func answer(_ text: String, _ bot: Harness) async throws -> String {
        try await bot.engine.run(text, as: Identity(channel: "cli", userID: "root"), idempotencyKey: nil).report
            .plainText
    }

    @Test func `A new cron time begins with its next time, in its zone, and a restart goes on from there`() async throws
    {
        let nightly = try schedule("nightly", "30 16 * * *", in: "Europe/Berlin")
        try await run(definitions(nightly)) { bot in
            try await begun("nightly", bot)
            try advance(to: "14:29:30")
            let job = try #require(try await bot.jobInTime(1, step: .milliseconds(100), in: .succeeded))
            // Never before; how soon after is the machine's matter, with time that does not wait for it.
            #expect(job.createdAt.rfc3339 >= "2026-09-21T14:30:00" && job.createdAt.rfc3339 < "2026-09-21T15:30:00")
            #expect(job.requester == .rule("schedule") && job.schedule == "nightly")
            #expect(try await bot.ledger.hasEvent(uniqueKey: "schedule/nightly/2026-09-21T14:30:00.000000Z"))
        }
        try await run(definitions(nightly)) { bot in
            try advance(to: "2026-09-22T14:29:30Z")
            _ = try #require(try await bot.jobInTime(2, in: .succeeded))
            #expect(try await taken(bot) == ["21T14:30 job 1", "22T14:30 job 2"])
        }
    }

    @Test(arguments: [
        (ScheduleDefinition.Missed.once, ["21T14:30 job 1", "21T17:30 job 2"]),
        (.skip, ["21T14:30 job 1", "21T17:30 skipped: it was missed by 29 min"]),
        (.all, ["21T14:30 job 1", "21T15:30 job 2", "21T16:30 job 3", "21T17:30 job 4"]),
    ])
    func `After an outage the latest run is made up for, none, or all`(
        missed: ScheduleDefinition.Missed, wanted: [String]
    ) async throws {
        let hourly = try schedule("hourly", "30 * * * *") { $0.missed = missed }
        try await run(definitions(hourly)) { bot in
            try await begun("hourly", bot)
            try advance(to: "14:29:59")
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
        }
        try advance(to: "17:59:00")
        try await run(definitions(hourly)) { bot in
            let isTaken = try await eventually {
                time.advance(by: .milliseconds(500))
                return try await taken(bot).count >= wanted.count ? true : nil
            }
            #expect(isTaken == true)
            let found = try await taken(bot)
            #expect(found.count == wanted.count)
            for (found, wanted) in zip(found, wanted) { #expect(found.hasPrefix(wanted), "\(found)") }
        }
    }

    @Test(arguments: [(24, false), (25, true)])
    func `Of many missed runs the latest 24 are made up for, and that is said`(missed: Int, isSaid: Bool) async throws {
        let often = try schedule("often", "*/10 * * * *") { $0.missed = .all }
        try await run(definitions(often)) { bot in try await begun("often", bot) }
        // The next one after the beginning is 14:20.
        time.advance(by: try #require(Date(rfc3339: "2026-09-21T14:10:00Z")).since(time.now) + .seconds(600 * missed))
        try await run(definitions(often)) { bot in
            let isTaken = try await eventually {
                time.advance(by: .milliseconds(100))
                return try await taken(bot).count == 24 ? true : nil
            }
            #expect(isTaken == true)
            let first = try #require(try await taken(bot).first)
            #expect(first.hasPrefix("21T14:\(missed == 24 ? 20 : 30) job 1"))
            #expect(first.hasSuffix("only the latest 24 are made up for") == isSaid)
        }
    }

    @Test func `What is made up for runs one after the other, over a crash too`() async throws {
        let hourly = try schedule("hourly", "30 * * * *") { $0.missed = .all }
        try await run(definitions(hourly)) { bot in try await begun("hourly", bot) }
        try advance(to: "16:40:00")
        actions.close("a")
        try await run(definitions(hourly), crashes: true) { bot in
            _ = try #require(try await bot.job(1, in: .running))
            time.advance(by: .seconds(30))
            #expect(try await taken(bot) == ["21T14:30 job 1"])
            #expect(try await answer("schedules", bot).contains("job 1 is under way; the next run waits for its end"))
        }
        actions.open("a")
        try await run(definitions(hourly)) { bot in
            _ = try #require(try await bot.jobInTime(3, in: .succeeded))
            #expect(try await taken(bot) == ["21T14:30 job 1", "21T15:30 job 2", "21T16:30 job 3"])
        }
    }

    @Test(arguments: [
        (ScheduleDefinition.Overlap.refuse, "21T14:40 skipped: job 1 of this schedule is still under way"),
        (.allow, "21T14:40 job 2"),
    ])
    func `While a job is under way the next run is refused, or begins beside it`(
        overlap: ScheduleDefinition.Overlap, wanted: String
    ) async throws {
        let often = try schedule("often", "*/10 * * * *") { $0.overlap = overlap }
        actions.close("a")
        try await run(definitions(often)) { bot in
            try await begun("often", bot)
            try advance(to: "14:30:00")
            _ = try #require(try await bot.jobInTime(1, step: .milliseconds(100), in: .running))
            try advance(to: "14:40:00")
            let isTaken = try await eventually {
                time.advance(by: .milliseconds(100))
                return try await taken(bot).count == 2 ? true : nil
            }
            #expect(isTaken == true)
            #expect(try await taken(bot).last == wanted)
            actions.open("a")
        }
    }

    @Test func `Two schedules of one command do not stand in each other's way`() async throws {
        let first = try schedule("first", "30 * * * *")
        let second = try schedule("second", "31 * * * *", with: ["what": "b"])
        actions.close("a")
        try await run(definitions(first, second)) { bot in
            try await begun("first", bot)
            try await begun("second", bot)
            try advance(to: "14:30:00")
            _ = try #require(try await bot.jobInTime(1, step: .milliseconds(100), in: .running))
            try advance(to: "14:31:00")
            _ = try #require(try await bot.jobInTime(2, step: .milliseconds(100), in: .succeeded))
            actions.open("a")
        }
        #expect(actions.calls.map(\.what).sorted() == ["a", "b"])
    }

    @Test func `A run begins with its jitter, and not again after a restart within it`() async throws {
        let late = try schedule("late", "30 * * * *") { $0.jitter = .seconds(1200) }
        let planned = try #require(Date(rfc3339: "2026-09-21T14:30:00Z"))
        let begin = late.begin(of: planned)
        try #require(begin.timeIntervalSince(planned) > 2)
        for _ in 0..<2 {
            try await run(definitions(late)) { bot in
                try await begun("late", bot)
                time.jump(to: begin.addingTimeInterval(-1))
                #expect(try await answer("schedules", bot).contains("30 * * * * in UTC, up to 20 min later"))
                #expect(try await taken(bot) == [])
            }
        }
        for _ in 0..<2 {
            try await run(definitions(late)) { bot in
                _ = try #require(try await bot.jobInTime(1, in: .succeeded))
                #expect(try await taken(bot) == ["21T14:30 job 1"])
            }
        }
    }

    @Test func `New times of a schedule, or its return, miss nothing`() async throws {
        let before = try definitions(schedule("s", "0 15 * * *") { $0.missed = .all })
        let other = try definitions(schedule("s", "*/5 * * * *") { $0.missed = .all }, hash: "h2")
        let off = try definitions(schedule("s", "*/5 * * * *") { $0.isEnabled = false }, hash: "h3")
        let next = Mutex(other)
        try await run(before, reloading: { next.withLock { $0 } }) { bot in
            try await begun("s", bot)
            try advance(to: "14:33:00")
            _ = await bot.engine.reload()
            let isChanged = try await eventually {
                try await bot.ledger.note("schedule/s")?["timing"] == "*/5 * * * * in UTC" ? true : nil
            }
            #expect(isChanged == true)
            try advance(to: "14:35:00")
            _ = try #require(try await bot.jobInTime(1, step: .milliseconds(100), in: .succeeded))
            next.withLock { $0 = off }
            _ = await bot.engine.reload()
            let isGone = try await eventually { try await bot.ledger.note("schedule/s") == nil ? true : nil }
            #expect(isGone == true)
            #expect(try await answer("schedules s", bot).contains("not enabled"))
            try advance(to: "14:51:00")
            next.withLock { $0 = other }
            _ = await bot.engine.reload()
            try await begun("s", bot)
            try advance(to: "14:55:00")
            _ = try #require(try await bot.jobInTime(2, step: .milliseconds(100), in: .succeeded))
            #expect(try await taken(bot) == ["21T14:35 job 1", "21T14:55 job 2"])
        }
    }

    @Test func `Guards, places and people to call are the schedule's own`() async throws {
        let template = try Template(parsing: "#{{arguments.what}}")
        let often = try schedule("often", "*/10 * * * *") {
            $0.guards.cooldownMilliseconds = 900_000
            $0.guards.startWithinMilliseconds = 60_000
            $0.report = [PlaceTemplate(channel: "chat", address: template)]
            $0.escalate = [PlaceTemplate(Place(channel: "chat", address: "#oncall"))]
        }
        try await run(definitions(often)) { bot in
            try await begun("often", bot)
            try advance(to: "14:20:00")
            let job = try #require(try await bot.jobInTime(1, step: .milliseconds(100), in: .succeeded))
            #expect(job.reportTo == [Place(channel: "chat", address: "#a")])
            #expect(job.escalateTo == [Place(channel: "chat", address: "#oncall")])
            #expect(job.startBefore == job.createdAt.advanced(by: .seconds(60)))
            try advance(to: "14:30:00")
            _ = try await eventually {
                time.advance(by: .milliseconds(100))
                return try await taken(bot).count == 2 ? true : nil
            }
            try advance(to: "14:40:00")
            _ = try #require(try await bot.jobInTime(2, step: .milliseconds(100), in: .succeeded))
            let found = try await taken(bot)
            try #require(found.count == 3)
            #expect(found[0] == "21T14:20 job 1" && found[2] == "21T14:40 job 2")
            let ended = try #require(try await bot.ledger.job(id: 1)?.endedAt)
            let until = ended.advanced(by: .seconds(900)).rfc3339.prefix(19).replacing("T", with: " ")
            #expect(found[1] == "21T14:30 skipped: in cooldown until \(until) UTC for 'sweep a'")
        }
    }

    @Test func `Schedules are listed with next times, last run and what keeps them from running`() async throws {
        let nightly = try schedule("nightly", "30 16 * * mon-fri", in: "Europe/Berlin") { $0.summary = "Tidy up" }
        var set = try definitions(nightly)
        set.commands["sweep"]?.schedule = Samples.schedule(every: .seconds(86_400), with: ["what": "b"])
        try await run(set) { bot in
            try await begun("nightly", bot)
            _ = try #require(try await bot.job(1, in: .succeeded))
            let before = try await answer("schedules", bot)
            for line in [
                "nightly: sweep  (Tidy up)", "when  30 16 * * mon-fri in Europe/Berlin",
                "next  2026-09-21 16:30 Europe/Berlin (2026-09-21 14:30:00 UTC), then 2026-09-22 16:30 Europe/Berlin",
                "last  planned 2026-09-18 16:30 Europe/Berlin (2026-09-18 14:30:00 UTC): new: it begins with its next time",
                "when  every 1d", "next  2026-09-22 00:00:00 UTC, then 2026-09-23 00:00:00 UTC",
                "last  planned 2026-09-21 00:00:00 UTC: job 1 succeeded",
            ] { #expect(before.contains(line), "\(line) in \(before)") }
            _ = try await answer("freeze work", bot)
            actions.answer("a", .failure(ActionError("no access")))
            try advance(to: "14:30:00")
            _ = try #require(try await bot.jobInTime(2, step: .milliseconds(100), in: .held))
            let frozen = try await answer("schedules nightly", bot)
            #expect(frozen.contains("job 2 is under way; the next run is skipped until its end"))
            #expect(frozen.contains("nothing that changes anything starts: frozen by olivia"))
            #expect(!frozen.contains("every 1d"))
            _ = try await answer("thaw", bot)
            _ = try #require(try await bot.job(2, in: .failed))
            time.advance(by: .seconds(60))
            let after = try await answer("schedules nightly", bot)
            #expect(after.contains("job 2 failed 1 min ago"), "\(after)")
            #expect(after.contains("no access"))
            #expect(try await answer("schedules nigthly", bot).contains("did you mean 'nightly'?"))
            #expect(try await answer("help sweep", bot).contains("By itself: 30 16 * * mon-fri in Europe/Berlin"))
        }
    }

    @Test func `Of more than forty schedules the rest is counted`() async throws {
        var set = try definitions()
        for count in [40, 41] {
            set.schedules = try (0..<count).map { try schedule("s\($0)", "0 3 1 1 *") }
            try await run(set) { bot in
                let answer = try await answer("schedules", bot)
                #expect(answer.components(separatedBy: "when  ").count == 41)
                #expect(answer.contains("… and 1 more") == (count == 41))
            }
        }
    }
}
