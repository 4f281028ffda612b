import Domain
import Engine
import Foundation
import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Checkpoints of the audit, under time that stands still.
@Suite struct AuditSealTests {
    let folder: TemporaryFolder
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private var log: CheckpointFile { CheckpointFile(path: folder.path("checkpoints")) }
    private var keys: AuditKeyFile { AuditKeyFile(path: folder.path("audit-key")) }
    private var lines: [Substring] {
        ((try? String(contentsOfFile: folder.path("checkpoints"), encoding: .utf8)) ?? "").split(separator: "\n")
    }

    /// Puts announcements into a list, as the audit's own messages are recorded when they are delivered.
    private final class Announcements: TeamAnnouncer {
        let all = Mutex<[(report: Report, subject: String)]>([])
        let writer: any LedgerWriter
        init(writer: any LedgerWriter) { self.writer = writer }

        func announce(_ report: Report, subject: String, with change: LedgerChange) async throws(LedgerError) {
            var change = change
            change.audit.append(AuditEntry(time: Date(), actor: "defimon", kind: "report.delivered", subject: subject))
            try await writer.commit(change)
            all.withLock { $0.append((report, subject)) }
        }

        var titles: [String] { all.withLock { $0.map(\.report.title) } }
    }

    private func run(_ body: (SQLiteLedger, Announcements) async throws -> Void) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let ledger = try SQLiteLedger(
            path: folder.path("ledger.sqlite"), redactor: Redactor(), time: SystemTime(), queueLimit: 100,
            logger: logger)
        let announcements = Announcements(writer: ledger)
        let seal: AuditSealService
        do {
            seal = try await AuditSealService(
                AuditSealService.Parts(
                    reader: ledger, writer: ledger, announcer: announcements, keys: keys, log: log,
                    redactor: Redactor(), time: time, logger: logger))
        } catch {
            try await end(ledger)
            throw error
        }
        let group = ServiceGroup(services: [ledger, seal], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body(ledger, announcements)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    private func end(_ ledger: SQLiteLedger) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ledger.run() }
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    private func record(_ ledger: SQLiteLedger, _ subject: String = "job/1") async throws {
        try await ledger.commit(
            LedgerChange(audit: [AuditEntry(time: time.now, actor: "ada", kind: "job.created", subject: subject)]))
    }

    private func proof() async throws -> AuditProof {
        let key = Ed25519PublicKey(pem: try String(contentsOfFile: keys.publicPath, encoding: .utf8))
        return try await AuditProving.ledger(
            folder.path("ledger.sqlite"), checkpoints: folder.path("checkpoints"), key: key)
    }

    /// Lets a minute pass, once the service sleeps, and waits until it has looked and sleeps again.
    private func minute(_ count: Int = 1) async {
        for _ in 0..<count {
            await time.untilSleeping(1)
            time.advance(by: AuditSealService.interval)
        }
        await time.untilSleeping(1)
    }

    @Test func `Each minute with new records gets a signed checkpoint, in the audit and in the file`() async throws {
        try await run { ledger, _ in
            await time.untilSleeping(1)
            #expect(lines.isEmpty, "there is nothing to sign")
            try await record(ledger)
            try await record(ledger)
            await minute()
            #expect(lines.count == 1)
            let signed = try #require(lines.first.flatMap { SignedCheckpoint(String($0)) })
            #expect(signed.checkpoint.sequence == 2)
            #expect(signed.checkpoint.count == 2)
            #expect(signed.checkpoint.time == time.now)
            let newest = try #require(try await ledger.audit(AuditFilter(limit: 1)).first)
            #expect(newest.kind == AuditCheckpoint.kind)
            #expect(newest.detail == signed.json)
            await minute(5)
            #expect(lines.count == 1, "a checkpoint is no news")
            try await record(ledger)
            await minute()
            #expect(lines.count == 2)
        }
        let proof = try await proof()
        #expect(proof.problem == nil)
        #expect(proof.provenThrough == 4)
    }

    @Test func `The last records are signed when the bot stops, and what a crash left unsigned at the next start`()
        async throws
    {
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
        }
        #expect(try await proof().provenThrough == 1)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let ledger = try SQLiteLedger(
            path: folder.path("ledger.sqlite"), redactor: Redactor(), time: SystemTime(), queueLimit: 100,
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ledger.run() }
            try await record(ledger)
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        #expect(try await proof().provenThrough == 1)
        try await run { _, _ in await time.untilSleeping(1) }
        #expect(try await proof().provenThrough == 3)
    }

    @Test func `A checkpoint that did not reach the file before a crash is written there at the next start`()
        async throws
    {
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
        }
        let line = try #require(lines.first)
        try Data().write(to: URL(filePath: folder.path("checkpoints")))
        try await run { _, _ in await time.untilSleeping(1) }
        #expect(lines == [line])
    }

    @Test func `A channel is told at most hourly, and not of its own messages`() async throws {
        try await run { ledger, announcements in
            try await record(ledger)
            await minute(59)
            #expect(announcements.titles.isEmpty)
            await minute(2)
            #expect(announcements.titles == ["The audit holds 1 records"])
            await minute(200)
            #expect(announcements.titles.count == 1)
            try await record(ledger)
            await minute(2)
            #expect(announcements.titles.count == 2)
            try await record(ledger)
            await minute(50)
            #expect(announcements.titles.count == 2)
            await minute(11)
            #expect(announcements.titles.count == 3)
        }
    }

    @Test func `A missing key is an error while there are checkpoints, and so is another one`() async throws {
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
        }
        let path = folder.path("audit-key")
        try FileManager.default.moveItem(atPath: path, toPath: folder.path("aside"))
        let missing = await #expect(throws: AuditSealError.self) { try await run { _, _ in } }
        #expect(missing?.description.contains("is missing, and there are checkpoints that it signed") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
        _ = try await keys.create()
        let another = await #expect(throws: AuditSealError.self) { try await run { _, _ in } }
        #expect(another?.description.contains("the newest checkpoint was signed by SHA256:") == true)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: folder.path("aside"), toPath: path)
        try await run { _, _ in await time.untilSleeping(1) }
    }

    @Test func `A key that waits takes the old one's place on record`() async throws {
        let keys = keys
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
            await minute()
            let old = try #require(try await keys.current()).publicKey
            let new = try await keys.makeWaiting()
            await #expect(throws: AuditSealError.self) { try await keys.makeWaiting() }
            await minute()
            let waiting = try await keys.waiting()
            let current = try await keys.current()
            #expect(waiting?.publicKey == nil)
            #expect(current?.publicKey == new)
            let record = try #require(try await ledger.audit(AuditFilter(kind: AuditKeyRotation.kind)).first)
            let rotation = try #require(AuditKeyRotation(record.detail.canonicalText))
            #expect(rotation.old == old && rotation.new == new && rotation.isValid)
        }
        let proof = try await proof()
        #expect(proof.problem == nil)
        let current = try await keys.current()
        #expect(proof.key == current?.publicKey.fingerprint)
        try await run { _, _ in await time.untilSleeping(1) }
    }

    @Test func `A ledger that is older than its checkpoints is told`() async throws {
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
        }
        for suffix in ["", "-wal", "-shm"] {
            let path = folder.path("ledger.sqlite" + suffix)
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
        try await run { ledger, announcements in
            await time.untilSleeping(1)
            #expect(announcements.titles == ["The audit is shorter than what was signed"])
            let told = try await ledger.audit(AuditFilter(kind: "audit.checkpoint-missing"))
            #expect(told.count == 1)
        }
        #expect(try await proof().problem != nil)
    }

    @Test func `After a restore the next checkpoint says so, and nothing is called tampering`() async throws {
        let files = FileManager.default
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
        }
        try files.copyItem(atPath: folder.path("ledger.sqlite"), toPath: folder.path("backup"))
        try await run { ledger, _ in
            await time.untilSleeping(1)
            try await record(ledger)
        }
        try files.removeItem(atPath: folder.path("ledger.sqlite"))
        try files.moveItem(atPath: folder.path("backup"), toPath: folder.path("ledger.sqlite"))
        try await run { ledger, announcements in
            await time.untilSleeping(1)
            try await ledger.commit(
                LedgerChange(audit: [
                    AuditEntry(
                        time: time.now, actor: "cli:ada", kind: "ledger.restored", subject: "ledger",
                        detail: ["sequence": 2])
                ]))
            await minute()
            let signed = try #require(lines.last.flatMap { SignedCheckpoint(String($0)) })
            #expect(signed.checkpoint.restoredAfter == 2)
        }
        let proof = try await proof()
        #expect(proof.problem == nil)
        #expect(proof.superseded == 1)
    }
}
