import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A step that waits for something holds its job, which keeps nobody else from working.
@Suite struct WaitingTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func waiting(_ name: String = "deploy", timeout: Duration? = nil, onFailure: OnFailure = OnFailure())
        throws -> CommandDefinition
    {
        try Samples.command(
            name, [Samples.step("first"), Samples.step("image", "test.wait", timeout: timeout), Samples.step("last")],
            lock: "l", timeout: .seconds(60), onFailure: onFailure)
    }

    private func run(
        _ commands: CommandDefinition..., limits: Limits = Limits(), _ body: (Harness) async throws -> Void
    )
        async throws
    {
        try await Harness.run(
            Samples.set(commands), actions: actions.types, in: folder, time: time, limits: limits, body)
    }

    @Test func `A job that waits leaves its locks and its place, says what it waits for, and goes on with news`()
        async throws
    {
        var limits = Limits()
        limits.concurrentJobs = 1
        try await run(
            waiting(), Samples.command("other", [Samples.step("other")], lock: "l"), limits: limits
        ) { bot in
            try await bot.type("deploy")
            let held = try #require(try await bot.job(1, in: .held))
            #expect(held.reason == "waits for the parcel image")
            #expect(await bot.message("waits for the parcel image") != nil)
            #expect(try await bot.ledger.heldLocks().isEmpty)
            try await bot.type("other")
            _ = try #require(try await bot.job(2, in: .succeeded))
            actions.arrive("image")
            try await bot.deliver(["news": "parcel/image"])
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls(of: "change").map(\.what) == ["first", "other", "last"])
        }
    }

    @Test func `Without news it looks again in time, and writes nothing while nothing is new`() async throws {
        try await run(waiting()) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
            let records = try await bot.ledger.audit(AuditFilter(kind: "job.", subject: "job/1")).count
            _ = await eventually {
                time.advance(by: .seconds(1))
                return actions.calls(of: "peek").count > 5 ? true : nil
            }
            #expect(try await bot.ledger.audit(AuditFilter(kind: "job.", subject: "job/1")).count == records)
            actions.arrive("image")
            let job = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(job.waitedMilliseconds >= 60_000)
        }
    }

    @Test func `What does not come in the step's time ends the job, whose own time stood still`() async throws {
        try await run(waiting(timeout: .seconds(600))) { bot in
            try await bot.type("deploy")
            let job = try #require(try await bot.jobInTime(1, step: .seconds(10), in: .timedOut))
            let steps = try await bot.ledger.steps(jobID: 1)
            #expect(steps[1].state == .timedOut)
            #expect(steps[1].error?.contains("waits for the parcel image, and that took longer than 10") == true)
            #expect(job.endedAt.map { $0.since(job.createdAt) >= .seconds(600) } == true)
            #expect(!actions.calls.contains { $0.what == "last" })
        }
    }

    @Test func `An error that passes by itself is waited out, one that does not ends the job`() async throws {
        actions.answer("image", .failure(ActionError("answers 500", retry: .later(afterMilliseconds: nil))))
        try await run(waiting()) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
            #expect(await bot.message("answers 500; looks again") != nil)
            actions.breakDown("image", ActionError("the build has failed"))
            let job = try #require(try await bot.jobInTime(1, in: .failed))
            #expect(job.reason?.contains("the build has failed") == true)
        }
    }

    @Test func `A cancelled job that waits cleans up and ends`() async throws {
        let command = try waiting(onFailure: OnFailure(steps: [Samples.step("tidy")]))
        try await run(command) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
            try await bot.type("cancel 1")
            _ = try #require(try await bot.job(1, in: .cancelled))
            #expect(actions.calls(of: "change").map(\.what) == ["first", "tidy"])
            #expect(try await bot.ledger.heldLocks().isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `A waiting job goes on after a restart`(crashes: Bool) async throws {
        let definitions = Samples.set([try waiting()])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: crashes) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
        }
        actions.arrive("image")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(actions.calls(of: "change").map(\.what) == ["first", "last"])
        }
    }

    @Test func `In a line the oldest goes first, and the next one when it has gone on`() async throws {
        let place = StepDefinition(
            name: "A free place", id: "place", action: "test.wait",
            input: LocatedValue(["what": "place", "line": "places"] as JSONValue, at: Samples.place), timeout: nil,
            retry: RetryPolicy(), if: [], unless: [], location: Samples.place)
        let command = try Samples.command(
            "deploy", [place, Samples.step("last", what: "{{arguments.who}}")],
            arguments: [Samples.argument("who", .text(nil))])
        try await run(command) { bot in
            try await bot.type("deploy one")
            _ = try #require(try await bot.job(1, in: .held))
            try await bot.type("deploy two")
            let second = try #require(try await bot.job(2, in: .held))
            #expect(second.reason == "waits for its turn after job 1")
            actions.close("one")
            actions.arrive("place")
            try await bot.deliver(["news": "parcel/place"])
            _ = try #require(try await bot.job(1, in: .running))
            actions.open("one")
            _ = try #require(try await bot.jobInTime(2, in: .succeeded))
            #expect(actions.calls(of: "change").map(\.what) == ["one", "two"])
        }
    }

    @Test func `What makes no sense any more ends as superseded, and nobody is called`() async throws {
        let command = try Samples.command(
            "deploy", [Samples.step("head")],
            onFailure: OnFailure(
                steps: [Samples.step("tidy", if: ["failure.outcome != superseded"]), Samples.step("note")]))
        actions.answer("head", .failure(ActionError("the pull request is closed", isOutdated: true)))
        try await run(command) { bot in
            try await bot.type("deploy")
            let job = try #require(try await bot.job(1, in: .superseded))
            #expect(job.reason == "the pull request is closed")
            #expect(actions.calls(of: "change").map(\.what) == ["head", "note"])
        }
    }

    @Test func `While a job is held and has no locks, its awaiting step only peeks`() async throws {
        try await run(waiting()) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
            let looks = actions.calls(of: "wait").count
            _ = await eventually {
                time.advance(by: .seconds(1))
                return actions.calls(of: "peek").count > 2 ? true : nil
            }
            #expect(actions.calls(of: "wait").count == looks)
            actions.arrive("image")
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(actions.calls(of: "wait").count == looks + 1)
        }
    }
}
