import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What people can do with a job that ended as unknown, and what its locks do meanwhile.
@Suite struct UndecidedTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    /// Runs a bot whose job 1 has ended as unknown and holds `pool/x`; whatever runs later is held up.
    private func withUnknown(_ body: (Harness) async throws -> Void) async throws {
        let command = try Samples.command("deploy", [Samples.step("one", "test.operate")], lock: "pool/x")
        let other = try Samples.command("look", [Samples.step("two")], lock: "pool")
        let definitions = Samples.set([command, other])
        actions.close("one")
        actions.close("two")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
        }
        try await Harness.change(folder, time: time) { ledger in
            var step = try #require(try await ledger.steps(jobID: 1).first)
            step.handle = nil
            try await ledger.commit(LedgerChange([.saveStep(step)]))
        }
        actions.found(.cannotTell)
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, limits: limits) { bot in
            _ = try #require(try await bot.job(1, in: .unknown))
            try await body(bot)
        }
    }

    @Test func `Tried again, it is a new job with the same command line, and the old one gives its locks back`()
        async throws
    {
        try await withUnknown { bot in
            try await bot.type("job 1 retry", as: "U2")
            #expect(await bot.message("needs the role operator", in: "private-U2") != nil)
            try await bot.type("job 1 retry")
            let new = try #require(try await bot.job(2, in: .running))
            #expect(new.commandLine == "deploy")
            #expect(new.requester.personID == "olivia")
            let old = try #require(try await bot.ledger.job(id: 1))
            #expect(old.state == .failed)
            #expect(old.reason == "olivia has it tried again as job 2")
            #expect(try await bot.ledger.heldLocks().map(\.jobID) == [2])
            #expect(await bot.message("in the place of job 1", in: "private-U1") != nil)
            // Said once more, nothing more begins.
            try await bot.type("job 1 retry")
            #expect(await bot.message("there is nothing to decide", in: "private-U1") != nil)
            #expect(try await bot.ledger.job(id: 3) == nil)
        }
    }

    @Test(arguments: ["1", "#1", "pool/x", "pool", "pool/x/below"])
    func `Unlocked, others may go on, it stays undecided, and the audit says who did it`(what: String) async throws {
        try await withUnknown { bot in
            try await bot.type("look")
            #expect(await bot.message("waits for job 1") != nil)
            try await bot.type("unlock \(what)", as: "U2")
            #expect(await bot.message("needs the role operator", in: "private-U2") != nil)
            #expect(try await bot.ledger.heldLocks().map(\.jobID) == [1])
            try await bot.type("unlock \(what)")
            _ = try #require(try await bot.job(2, in: .running))
            #expect(await bot.message("Job 1 (deploy) no longer holds pool/x", in: "private-U1") != nil)
            let job = try #require(try await bot.ledger.job(id: 1))
            #expect(job.state == .unknown)
            #expect(job.heldUntil != nil, "people are still called about it")
            let record = try #require(try await bot.ledger.audit(AuditFilter(kind: "job.unlocked")).first)
            #expect(record.actor == "olivia")
            #expect(record.subject == "job/1")
            #expect(record.detail["reason"]?.stringValue?.contains("olivia has released its locks (pool/x)") == true)
            try await bot.type("job 1 failed")
            _ = try #require(try await bot.job(1, in: .failed))
            #expect(try await bot.ledger.heldLocks().map(\.jobID) == [2])
        }
    }

    @Test func `The locks of a job that runs are not taken away, nor those that nobody holds`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")], lock: "pool/x")
        actions.close("one")
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder, time: time, limits: limits) {
            bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("unlock pool/x")
            #expect(await bot.message("only the locks of a job that ended as unknown", in: "private-U1") != nil)
            try await bot.type("unlock pool/y")
            #expect(await bot.message("Nobody holds 'pool/y'", in: "private-U1") != nil)
            #expect(try await bot.ledger.heldLocks().map(\.jobID) == [1])
        }
    }

    @Test func `A run that goes on takes over the locks of the dead one, which writes no more`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")], lock: "pool/x")
        let definitions = Samples.set([command])
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
        }
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, limits: limits) { bot in
            _ = await eventually { actions.calls.count == 2 ? true : nil }
            let job = try #require(try await bot.ledger.job(id: 1))
            let lease = try #require(try await bot.ledger.heldLocks().first)
            #expect(lease.fencing == job.fencing)
            #expect(lease.fencing > 1)
            let records = try await bot.ledger.audit(AuditFilter(kind: "job.resumed"))
            #expect(records.map(\.subject) == ["job/1"])
            var stale = job
            stale.version += 1
            stale.fencing = lease.fencing - 1
            var step = try #require(try await bot.ledger.steps(jobID: 1).first)
            let before = step
            step.state = .succeeded
            let write = LedgerChange([.saveJob(stale), .saveStep(step)])
            let error = await #expect(throws: LedgerError.self) { try await bot.ledger.commit(write) }
            guard case .conflict(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("taken over under lease \(lease.fencing)"))
            #expect(try await bot.ledger.steps(jobID: 1) == [before])
            let again = LedgerChange([.takeLocks(jobID: 1, fencing: lease.fencing - 1, job.locks)])
            await #expect(throws: LedgerError.self) { try await bot.ledger.commit(again) }
        }
    }

    @Test func `Shared locks do not overtake an exclusive one that waits`() async throws {
        func command(_ name: String, _ mode: LockRequest.Mode) throws -> CommandDefinition {
            var command = try Samples.command(name, [Samples.step(name)], lock: "pool")
            command.locks[0].mode = mode
            return command
        }
        let definitions = Samples.set([
            try command("read-a", .shared), try command("read-b", .shared), try command("write", .exclusive),
            try command("read-c", .shared),
        ])
        for name in ["read-a", "read-b", "read-c", "write"] { actions.close(name) }
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("read-a")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("read-b")
            _ = try #require(try await bot.job(2, in: .running))
            try await bot.type("write")
            #expect(await bot.message("waits for job 2") != nil)
            try await bot.type("read-c")
            #expect(await bot.message("waits for job 3") != nil)
            actions.open("read-a")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await bot.ledger.job(id: 4)?.state == .queued)
            actions.open("read-b")
            _ = try #require(try await bot.job(3, in: .running))
            #expect(try await bot.ledger.job(id: 4)?.state == .queued)
            actions.open("write")
            _ = try #require(try await bot.job(4, in: .running))
            actions.open("read-c")
            _ = try #require(try await bot.job(4, in: .succeeded))
        }
    }
}
