import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Jobs that stay in line: what they wait for is looked at again and again, and nothing is written.
@Suite struct QueueTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func run(
        _ commands: [CommandDefinition], rules: [RuleDefinition] = [], _ body: (Harness) async throws -> Void
    ) async throws {
        let looks = try Samples.command("look", [Samples.step("seen", "test.look")])
        var limits = Limits()
        limits.requestsPerPerson.count = 1000
        try await Harness.run(
            Samples.set(commands + [looks], rules: rules), actions: actions.types, in: folder, time: time,
            limits: limits,
            body)
    }

    /// Job 1 runs and holds the lock, job 2 stays in line behind it, and the queue has been looked at since.
    private func fillLine(_ bot: Harness) async throws {
        actions.close("one")
        try await bot.type("deploy")
        _ = try #require(try await bot.job(1, in: .running))
        try await bot.type("deploy")
        try await waits(bot, 2, "waits for job 1 (deploy), which holds or is before it in line for l")
        try await lookAgain(bot, 3)
    }

    /// Waits until the ledger says so, without letting time go on.
    private func waits(_ bot: Harness, _ id: JobID, _ reason: String) async throws {
        let isSaid = try await eventually {
            try await bot.ledger.job(id: id)?.reason?.hasPrefix(reason) == true ? true : nil
        }
        #expect(isSaid == true)
    }

    private func lookAgain(_ bot: Harness, _ id: JobID) async throws {
        try await bot.type("look")
        _ = try #require(try await bot.job(id, in: .succeeded))
    }

    @Test func `A job in line starts when the lock comes free`() async throws {
        try await run([try Samples.command("deploy", [Samples.step("one")], lock: "l")]) { bot in
            try await fillLine(bot)
            #expect(try await bot.ledger.job(id: 2)?.state == .queued)
            actions.open("one")
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `A job in line expires at its time, though what it waits for is still in its way`() async throws {
        let deploy = try Samples.command("deploy", [Samples.step("one")], lock: "l", startWithin: .seconds(60))
        try await run([deploy]) { bot in
            try await fillLine(bot)
            time.advance(by: .seconds(59))
            try await lookAgain(bot, 4)
            #expect(try await bot.ledger.job(id: 2)?.state == .queued)
            time.advance(by: .seconds(2))
            _ = try #require(try await bot.jobInTime(2, in: .expired))
            #expect(try await bot.ledger.job(id: 1)?.state == .running)
            actions.open("one")
        }
    }

    @Test func `A job in line is cancelled when its alert resolves`() async throws {
        let deploy = try Samples.command("deploy", [Samples.step("one")], lock: "l")
        let rule = try Samples.rule("down", run: "deploy") { $0.cancelOnResolve = true }
        try await run([deploy], rules: [rule]) { bot in
            actions.close("one")
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.alert("geth-0")
            try await waits(bot, 2, "waits for job 1 (deploy)")
            try await lookAgain(bot, 3)
            try await bot.alert("geth-0", isFiring: false)
            _ = try #require(try await bot.job(2, in: .cancelled))
            #expect(try await bot.ledger.job(id: 1)?.state == .running)
            actions.open("one")
        }
    }

    @Test func `A job in line is held when a freeze comes`() async throws {
        try await run([try Samples.command("deploy", [Samples.step("one")], lock: "l")]) { bot in
            try await fillLine(bot)
            try await bot.type("freeze now")
            let job = try #require(try await bot.job(2, in: .held))
            #expect(job.reason == "frozen by olivia: now")
            actions.open("one")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await bot.ledger.job(id: 2)?.state == .held)
        }
    }

    @Test func `A job in line keeps its locks for itself: a later one with a free lock below them waits`() async throws
    {
        let commands = try [("x", "l/x"), ("all", "l"), ("y", "l/y")].map {
            try Samples.command($0.0, [Samples.step($0.0)], lock: $0.1)
        }
        try await run(commands) { bot in
            actions.close("x")
            try await bot.type("x")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("all")
            try await waits(bot, 2, "waits for job 1 (x)")
            try await bot.type("y")
            try await waits(bot, 3, "waits for job 2 (all)")
            actions.open("x")
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["x", "all", "y"])
        }
    }

    @Test func `The end of a job is told to the next in line, not to all behind it`() async throws {
        let count = 100
        try await run([try Samples.command("deploy", [Samples.step("one")], lock: "l")]) { bot in
            actions.close("one")
            for _ in 0..<count { try await bot.type("deploy") }
            let last = JobID(count)
            let isInLine = try await eventually {
                try await bot.ledger.job(id: last)?.reason?.hasPrefix("waits for job \(last - 1) ") == true ? true : nil
            }
            #expect(isInLine == true)
            let waiting = try await bot.ledger.outbox(subject: "job/\(last)").count
            let version = try #require(try await bot.ledger.job(id: last)?.version)
            actions.open("one")
            _ = try #require(try await bot.job(last - 1, in: .succeeded))
            _ = try #require(try await bot.job(last, in: .succeeded))
            // Its start, its step and its end; each job before it ended in the meantime.
            #expect(try await bot.ledger.outbox(subject: "job/\(last)").count <= waiting + 6)
            #expect(try #require(try await bot.ledger.job(id: last)?.version) <= version + 6)
        }
    }
}
