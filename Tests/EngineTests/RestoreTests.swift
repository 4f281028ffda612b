import Domain
import Engine
import Foundation
import Ledger
import Logging
import TestSupport
import Testing

/// A bot that starts on a ledger which was put back from a backup.
@Suite struct RestoreTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    /// One for all runs: the names that it gave to messages are in the ledger.
    let outlet = RecordingOutlet()
    var ledger: String { folder.path("ledger.sqlite") }
    var backup: String { folder.path("backup.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    private func definitions() throws -> DefinitionSet {
        Samples.set(
            [
                try Samples.command("deploy", [Samples.step("one"), Samples.step("two")], lock: "pool/x"),
                try Samples.command("later", [Samples.step("later")], lock: "pool/x"),
                try Samples.command("look", [Samples.step("seen", "test.look")]),
                try Samples.command("restart", [Samples.step("node")]),
            ], rules: [try Samples.rule("down", run: "restart")])
    }

    private func run(crashes: Bool = false, _ body: (Harness) async throws -> Void) async throws {
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(
            try definitions(), actions: actions.types, in: folder, time: time, outlet: outlet, limits: limits,
            crashes: crashes, body)
    }

    private func restore() async throws {
        let restored = try await eventually {
            do {
                return try await LedgerRestore.restore(
                    backup, to: ledger, by: "root", time: time,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            } catch let error as BackupError where error.reason.contains("stop the bot first") {
                return nil
            }
        }
        _ = try #require(restored)
    }

    @Test func `It starts frozen, what was under way is unknown and keeps its locks, and the thaw lets the rest go`()
        async throws
    {
        actions.close("two")
        try await run(crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.contains { $0.what == "two" } ? true : nil }
            try await bot.type("later")
            #expect(await bot.messageInTime("waits for job 1") != nil)
            _ = try await LedgerBackup.make(of: ledger, to: backup)
        }
        actions.open("two")
        time.advance(by: .seconds(3600))
        let calls = actions.calls(of: "change").count
        try await restore()
        try await run { bot in
            let job = try #require(try await bot.job(1, in: .unknown))
            #expect(job.reason?.contains("the ledger was restored from a backup of") == true)
            #expect(try await bot.ledger.heldLocks().map(\.request.path) == ["pool/x"])
            #expect(try await bot.ledger.steps(jobID: 1).map(\.state) == [.succeeded, .unknown])
            let held = try #require(try await bot.job(2, in: .held))
            #expect(held.reason?.hasPrefix("frozen by root: the ledger was restored") == true)
            let news = try #require(await bot.messageInTime("The ledger was restored from a backup"))
            #expect(news.contains("1  deploy"))
            #expect(news.contains("/defimon thaw"))
            try await bot.type("look")
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(actions.calls(of: "change").count == calls)
        }
        // Told once.
        try await run { bot in
            try await bot.type("thaw")
            #expect(await bot.messageInTime("thawed") != nil)
            #expect(await bot.messageInTime("waits for job 1") != nil)
            try await bot.type("job 1 succeeded")
            _ = try #require(try await bot.job(2, in: .succeeded))
            let point = try #require(RestorePoint(try await bot.ledger.note(RestorePoint.note)))
            let told = try await bot.ledger.outbox(subject: "restore/\(point.at.microseconds)")
            #expect(told.count == 1)
            let verdict = try await bot.ledger.verifyAudit()
            guard case .intact = verdict else {
                Issue.record("\(verdict)")
                return
            }
        }
    }

    @Test func `A queued job of the backup that has waited for too long by the thaw expires`() async throws {
        actions.close("one")
        try await run(crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.isEmpty ? nil : true }
            try await bot.type("later")
            #expect(await bot.messageInTime("waits for job 1") != nil)
            _ = try await LedgerBackup.make(of: ledger, to: backup)
        }
        actions.open("one")
        time.advance(by: .seconds(100_000))
        try await restore()
        try await run { bot in
            _ = try #require(try await bot.job(2, in: .held))
            try await bot.type("thaw")
            _ = try #require(try await bot.job(2, in: .expired))
        }
    }

    @Test func `An alert that began before the restore starts nothing, not even after the thaw, and is told`()
        async throws
    {
        try await run { bot in
            try await bot.type("look")
            _ = try #require(try await bot.job(1, in: .succeeded))
            _ = try await LedgerBackup.make(of: ledger, to: backup)
        }
        let began = time.now.advanced(by: .seconds(60))
        time.advance(by: .seconds(600))
        try await restore()
        time.advance(by: .seconds(10))
        try await run { bot in
            try await bot.alert("geth-0", startedAt: began)
            #expect(await bot.messageInTime("Down geth-0: nothing was started") != nil)
            try await bot.type("thaw")
            #expect(await bot.messageInTime("thawed") != nil)
            try await bot.alert("geth-0", startedAt: began)
            // A new alert is the first that starts something.
            try await bot.alert("geth-1")
            let job = try #require(try await bot.job(2, in: .succeeded))
            #expect(job.alertFingerprint == "f-geth-1")
            #expect(actions.calls(of: "change").count == 1)
            // Its next episode is a new one.
            try await bot.alert("geth-0", isFiring: false, startedAt: began)
            time.advance(by: .seconds(60))
            try await bot.alert("geth-0")
            let next = try #require(try await bot.job(3, in: .succeeded))
            #expect(next.alertFingerprint == "f-geth-0")
        }
    }

    @Test func `What came in before the restore and was not looked at starts nothing`() async throws {
        try await run { bot in
            try await bot.type("look")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
        try await Harness.recordOnly(folder, time: time, ["text": "deploy", "user": "U1", "id": "old"])
        _ = try await LedgerBackup.make(of: ledger, to: backup)
        time.advance(by: .seconds(60))
        try await restore()
        time.advance(by: .seconds(1))
        try await run { bot in
            #expect(await bot.messageInTime("/defimon deploy: nothing was started") != nil)
            try await bot.type("thaw")
            #expect(await bot.messageInTime("thawed") != nil)
            try await bot.type("deploy")
            _ = try #require(try await bot.job(2, in: .succeeded))
            let third = try await bot.ledger.job(id: 3)
            #expect(third == nil)
        }
    }

    @Test func `A report that waited in the backup is not delivered again, and the news say so`() async throws {
        outlet.judge { _ in OutletError(.later(after: .seconds(600)), "the channel is down") }
        try await run(crashes: true) { bot in
            try await bot.type("look")
            _ = try #require(try await bot.job(1, in: .succeeded))
            _ = try await eventually { try await bot.ledger.outbox(subject: "job/1").isEmpty ? nil : true }
            _ = try await LedgerBackup.make(of: ledger, to: backup)
        }
        outlet.judge { _ in nil }
        time.advance(by: .seconds(3600))
        try await restore()
        try await run { bot in
            let news = try #require(await bot.messageInTime("The ledger was restored from a backup"))
            #expect(
                news.contains("1 report that waited to be delivered when the backup was made is not delivered again"))
            try await bot.type("look")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(await bot.messageInTime("job 2") != nil)
            #expect(!outlet.all(in: "#ops").contains { $0.contains("job 1") })
            let explained = try await Explainer(reader: bot.ledger).explain("1").report.plainText
            #expect(explained.contains("dropped") && explained.contains("it may have been delivered already"))
        }
    }

    @Test func `A time that was planned before the restore is not made up for`() async throws {
        try await run { bot in
            try await bot.type("look")
            _ = try #require(try await bot.job(1, in: .succeeded))
            _ = try await LedgerBackup.make(of: ledger, to: backup)
        }
        time.advance(by: .seconds(60))
        try await restore()
        let nightly = try Samples.command(
            "nightly", [Samples.step("seen", "test.look")], schedule: Samples.schedule(every: .seconds(86_400)))
        try await Harness.run(
            Samples.set([nightly]), actions: actions.types, in: folder, time: time, outlet: outlet
        ) { bot in
            let decision = try await eventually { () -> String? in
                try await bot.ledger.events(limit: 10, before: nil).first { $0.event.kind == "schedule" }?
                    .explanation["decision"]?.stringValue
            }
            #expect(decision == "skipped: it was planned before the ledger was restored from a backup")
            let next = try #require(nightly.schedule?.next(after: time.now))
            time.advance(by: next.since(time.now) - .seconds(30))
            let job = try #require(try await bot.jobInTime(2, step: .seconds(10), in: .succeeded))
            #expect(job.command == "nightly")
        }
    }
}

extension Harness {
    /// Waits for a message while time goes on: it may have to wait behind edits of others, of which one a second goes out.
    func messageInTime(_ text: String) async -> String? {
        await eventually {
            time.advance(by: .milliseconds(200))
            return outlet.latest(in: "#ops").first { $0.contains(text) }
        }
    }
}
