import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Commands that the bot asks for by itself. Time begins at 14:13:20 UTC.
@Suite struct ScheduleTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func sweep(every minutes: Int, hash: String = "h1", isQuiet: Bool = false) throws -> DefinitionSet {
        Samples.set(
            [
                try Samples.command(
                    "sweep", [Samples.step("one", "test.look")], roles: ["nobody"],
                    schedule: Samples.schedule(every: .seconds(minutes * 60)), isQuiet: isQuiet)
            ], hash: hash)
    }

    private func run(
        _ definitions: DefinitionSet, outlet: RecordingOutlet = RecordingOutlet(),
        reloading: (@Sendable () -> DefinitionSet)? = nil, _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, reloading: reloading, body)
    }

    private func advance(to clock: String) throws {
        let date = try #require(Date(rfc3339: "2026-09-21T\(clock)Z"))
        time.advance(by: date.since(time.now))
    }

    /// The planned times that were taken, as the ledger knows them, with what became of each.
    private func taken(_ bot: Harness) async throws -> [String] {
        try await bot.ledger.events(limit: 100, before: nil).reversed().map { stored in
            let clock = stored.event.occurredAt.rfc3339.dropFirst(11).prefix(5)
            return "\(clock) \(stored.explanation["decision"]?.stringValue ?? "")"
        }
    }

    @Test func `Each planned time makes one job, which no person asked for, and tells it where the team reads`()
        async throws
    {
        try await run(sweep(every: 15)) { bot in
            let first = try #require(try await bot.job(1, in: .succeeded))
            #expect(first.requester == .rule("schedule"))
            #expect(first.reportTo == [Place(channel: "chat", address: "#ops")])
            #expect(first.startBefore == first.createdAt.advanced(by: .seconds(900)))
            #expect(await bot.message("Asked by: schedule") != nil)
            let second = try #require(try await bot.jobInTime(2, step: .seconds(15), in: .succeeded))
            #expect(second.createdAt.rfc3339 >= "2026-09-21T14:15:00")
            #expect(try await taken(bot) == ["14:00 job 1", "14:15 job 2"])
            let event = try #require(try await bot.ledger.event(id: second.eventID ?? 0))
            #expect(event.event.source == Source("schedule") && event.deliveryRowID == 0)
            #expect(try await bot.ledger.hasEvent(uniqueKey: "schedule/sweep/2026-09-21T14:15:00.000000Z"))
        }
    }

    @Test func `A restart does not repeat a planned time, and makes up for the latest missed one alone`() async throws {
        try await run(sweep(every: 15)) { bot in _ = try #require(try await bot.job(1, in: .succeeded)) }
        try await run(sweep(every: 15)) { bot in
            _ = try #require(try await bot.jobInTime(2, step: .seconds(15), in: .succeeded))
            #expect(try await taken(bot) == ["14:00 job 1", "14:15 job 2"])
        }
        try advance(to: "17:07:00")
        try await run(sweep(every: 15)) { bot in
            _ = try #require(try await bot.job(3, in: .succeeded))
            try advance(to: "17:14:59")
            _ = try #require(try await bot.jobInTime(4, step: .seconds(15), in: .succeeded))
            #expect(try await taken(bot) == ["14:00 job 1", "14:15 job 2", "17:00 job 3", "17:15 job 4"])
        }
    }

    @Test func `A job that died in between goes on after the restart and is not made anew`() async throws {
        actions.close("one")
        try await Harness.run(
            sweep(every: 15), actions: actions.types, in: folder, time: time, crashes: true
        ) { bot in
            _ = await eventually { actions.calls.count == 1 ? true : nil }
        }
        actions.open("one")
        try await run(sweep(every: 15)) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await taken(bot) == ["14:00 job 1"])
        }
    }

    @Test func `While a job of it is under way a planned time is skipped, and the ledger says so`() async throws {
        actions.close("one")
        try await run(sweep(every: 15)) { bot in
            _ = try #require(try await bot.job(1, in: .running))
            try advance(to: "14:14:30")
            #expect(
                try await eventually {
                    time.advance(by: .seconds(1))
                    return try await taken(bot).last?.hasPrefix("14:15") ?? false ? true : nil
                } == true)
            actions.open("one")
            _ = try #require(try await bot.job(1, in: .succeeded))
            try advance(to: "14:29:30")
            _ = try #require(try await bot.jobInTime(2, step: .seconds(15), in: .succeeded))
            #expect(
                try await taken(bot) == [
                    "14:00 job 1", "14:15 skipped: job 1 of this schedule is still under way", "14:30 job 2",
                ])
        }
    }

    @Test(arguments: [
        // A longer interval goes on at its next time, a shorter one at its latest, where that is new.
        (15, 60, ["14:15 job 1", "15:00 job 2"]), (60, 15, ["14:00 job 1", "14:15 job 2"]),
        (60, 30, ["14:00 job 1", "14:30 job 2"]),
    ])
    func `A reload that changes the interval repeats nothing`(before: Int, after: Int, wanted: [String]) async throws {
        let changed = try sweep(every: after, hash: "h2")
        try advance(to: "14:16:00")
        try await run(sweep(every: before), reloading: { changed }) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(await bot.engine.reload().isEmpty)
            if after == 60 { try advance(to: "14:58:00") }
            _ = try #require(try await bot.jobInTime(2, step: .seconds(15), in: .succeeded))
            #expect(try await taken(bot) == wanted)
        }
    }

    @Test func `A schedule that a reload brings begins at once, and one that it takes away ends`() async throws {
        let none = Samples.set([try Samples.command("sweep", [Samples.step("one", "test.look")])])
        let some = try sweep(every: 60, hash: "h2")
        let next = Mutex(some)
        try await run(none, reloading: { next.withLock { $0 } }) { bot in
            _ = await bot.engine.reload()
            _ = try #require(try await bot.job(1, in: .succeeded))
            next.withLock { $0 = none }
            _ = await bot.engine.reload()
            try advance(to: "15:00:01")
            next.withLock { $0 = some }
            try advance(to: "16:30:00")
            _ = await bot.engine.reload()
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await taken(bot) == ["14:00 job 1", "16:00 job 2"])
        }
    }

    @Test func `A clock that is set back runs nothing twice and nothing from before`() async throws {
        try advance(to: "14:16:40")
        let same = try sweep(every: 15, hash: "h2")
        try await run(sweep(every: 15), reloading: { same }) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.jump(to: try #require(Date(rfc3339: "2026-09-21T14:05:00Z")))
            _ = await bot.engine.reload()
            time.advance(by: .seconds(24 * 60 + 30))
            _ = try #require(try await bot.jobInTime(2, step: .seconds(15), in: .succeeded))
            #expect(try await taken(bot) == ["14:15 job 1", "14:30 job 2"])
        }
    }

    @Test func `A clock that was set to next year by mistake does not stop the schedule when it is set right`()
        async throws
    {
        try await run(
            sweep(every: 15),
            reloading: { [self] in (try? sweep(every: 15, hash: UUID().uuidString)) ?? Samples.set([]) }
        ) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.jump(to: try #require(Date(rfc3339: "2027-09-21T14:00:00Z")))
            _ = await bot.engine.reload()
            _ = try #require(try await bot.job(2, in: .succeeded))
            time.jump(to: try #require(Date(rfc3339: "2026-09-21T14:14:00Z")))
            _ = await bot.engine.reload()
            let third = try #require(try await bot.jobInTime(3, step: .seconds(15), in: .succeeded))
            #expect(third.createdAt.rfc3339.hasPrefix("2026-09-21T14:1"))
        }
    }

    @Test func `Arguments come from pools, and what cannot be filled in is told`() async throws {
        func command(_ value: String) throws -> DefinitionSet {
            Samples.set([
                try Samples.command(
                    "sweep", [Samples.step("one", "test.look", what: "{{arguments.domain}}")],
                    arguments: [Samples.argument("domain", .text(nil))],
                    report: [PlaceTemplate(channel: "chat", address: try Template(parsing: "#{{arguments.domain}}"))],
                    schedule: Samples.schedule(every: .seconds(900), with: ["domain": value]))
            ])
        }
        try await run(command("{{pools.analytics.domain}}")) { bot in
            let job = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["analytics.example.org"])
            #expect(job.reportTo == [Place(channel: "chat", address: "#analytics.example.org")])
        }
        try advance(to: "14:20:00")
        try await run(command("{{pools.other.domain}}")) { bot in
            let message = try #require(await bot.message("The schedule of 'sweep' could not run"))
            #expect(message.contains("nothing provides {{pools.other.domain}}"))
            #expect(try await taken(bot).last?.hasPrefix("14:15 cannot run") == true)
        }
    }

    @Test func `A full queue is not filled further`() async throws {
        var limits = Limits()
        limits.waitingJobs = 1
        actions.close("long")
        let long = try Samples.command("long", [Samples.step("long")])
        var set = try sweep(every: 15)
        set.commands["long"] = long
        set.commands["sweep"]?.schedule = nil
        let full = try sweep(every: 15, hash: "h2")
        try await Harness.run(
            set, actions: actions.types, in: folder, time: time, limits: limits,
            reloading: {
                var next = full
                next.commands["long"] = long
                return next
            }
        ) { bot in
            try await bot.type("long")
            _ = try #require(try await bot.job(1, in: .running))
            _ = await bot.engine.reload()
            #expect(
                try await eventually {
                    try await taken(bot).contains("14:00 skipped: 1 jobs wait already") ? true : nil
                }
                    == true)
            actions.open("long")
        }
    }

    // MARK: Quiet commands

    @Test(
        arguments: [
            (.success(["summary": "nothing"]), false), (.success(["changes": 0]), false),
            (.success(["changes": 2]), true), (.success(["tell": true]), true), (.success(["tell": false]), false),
            (.failure(ActionError("no access")), true),
        ] as [(Result<JSONValue, ActionError>, Bool)])
    func `A quiet command's job that nobody asked for is told when there is something to tell`(
        answer: Result<JSONValue, ActionError>, isTold: Bool
    ) async throws {
        let outlet = RecordingOutlet()
        actions.answer("one", answer)
        try await run(sweep(every: 15, isQuiet: true), outlet: outlet) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded, .failed))
        }
        #expect(outlet.latest(in: "#ops").isEmpty != isTold)
    }

    @Test func `A quiet command that a person asks for is told like any other`() async throws {
        let command = try Samples.command("sweep", [Samples.step("one", "test.look")], isQuiet: true)
        try await run(Samples.set([command])) { bot in
            try await bot.type("sweep")
            #expect(await bot.message("succeeded") != nil)
        }
    }
}
