import Domain
import Foundation
import GRDB
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Ledger

@Suite struct CommitTests {
    /// Holds up the writer until the gate is signalled. Returns when it is held.
    private func heldWriter(of ledger: SQLiteLedger) async -> DispatchSemaphore {
        let gate = DispatchSemaphore(value: 0)
        await withCheckedContinuation { held in
            ledger.pool.asyncWriteWithoutTransaction { _ in
                held.resume()
                gate.wait()
            }
        }
        return gate
    }

    @Test func writesThatWaitAreCommittedTogether() async throws {
        try await withLedger { ledger in
            // The writer is held up once, so that all others wait for the next commit.
            let before = ledger.statistics.commits
            let gate = await heldWriter(of: ledger)
            try await withThrowingTaskGroup(of: InboxReceipt.self) { group in
                for index in 0..<100 {
                    group.addTask { try await ledger.insert(try verified("body \(index)", id: "id-\(index)")) }
                }
                _ = await eventually { ledger.statistics.waiting >= 99 ? true : nil }
                gate.signal()
                let rows = try await group.reduce(into: Set<Int64>()) { $0.insert($1.rowID) }
                #expect(rows.count == 100)
            }
            #expect(ledger.statistics.commits - before <= 3)
            #expect(ledger.statistics.writes == 100)
            #expect(try await ledger.verifyAudit() == .intact(records: 100))
        }
    }

    @Test func oneBadChangeDoesNotHarmTheOthersOfItsGroup() async throws {
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange([.saveJob(aJob(1))]))
            let gate = await heldWriter(of: ledger)
            async let good: Void = ledger.commit(LedgerChange([.saveJob(aJob(2))], audit: [anEntry(subject: "job/2")]))
            let stale = Task {
                try await ledger.commit(
                    LedgerChange([.saveJob(aJob(3)), .saveJob(aJob(1))], audit: [anEntry(subject: "job/3")]))
            }
            // A step of a job that is not there: SQLite itself refuses the row.
            let orphan = Task {
                try await ledger.commit(
                    LedgerChange([.saveJob(aJob(4)), .saveStep(aStep(99, 0))], audit: [anEntry(subject: "job/4")]))
            }
            async let delivery = ledger.insert(try verified())
            _ = await eventually { ledger.statistics.waiting >= 4 ? true : nil }
            gate.signal()
            try await good
            await #expect(throws: LedgerError.self) { try await stale.value }
            await #expect(throws: LedgerError.self) { try await orphan.value }
            _ = try await delivery
            #expect(try await ledger.openJobs().map(\.id) == [1, 2])
            #expect(try await ledger.audit(AuditFilter()).count == 2)
            #expect(try await ledger.verifyAudit() == .intact(records: 2))
            #expect(ledger.health == nil)
        }
    }

    @Test func cancelledCallersWriteIsWritten() async throws {
        try await withLedger { ledger in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                #expect(Task.isCancelled)
                try await ledger.commit(LedgerChange([.saveJob(aJob(1))], audit: [anEntry()]))
                _ = try await ledger.insert(try verified())
                return try await ledger.job(id: 1)
            }
            let job = try await task.value
            let records = try await ledger.audit(AuditFilter())
            #expect(job?.id == 1)
            #expect(records.count == 2)
        }
    }

    @Test func fullQueueRefusesAndFloodsOfDeliveriesDoNotStopJobs() async throws {
        let folder = try TemporaryFolder()
        let ledger = try openLedger(at: folder.path("ledger.sqlite"), queueLimit: 2)
        // run() is not started yet: writes wait.
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await ledger.insert(try verified("1")) }
            group.addTask { _ = try await ledger.insert(try verified("2")) }
            _ = await eventually { ledger.statistics.waiting == 2 ? true : nil }
            await #expect(throws: LedgerError.overloaded) { _ = try await ledger.insert(try verified("3")) }
            group.addTask { try await ledger.commit(LedgerChange([.saveJob(aJob(1))])) }
            _ = await eventually { ledger.statistics.waiting == 3 ? true : nil }
            let service = Task { try await ledger.run() }
            try await group.waitForAll()
            #expect(try await ledger.undecodedDeliveries(limit: 5).count == 2)
            service.cancel()
            try await service.value
        }
    }

    @Test func shutdownWritesWhatWaitsAndThenRefuses() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        let ledger = try openLedger(at: path)
        let services = ServiceGroup(services: [ledger], logger: ledger.logger)
        async let running: Void = services.run()
        try await ledger.commit(LedgerChange([.saveJob(aJob(1))]))
        let gate = await heldWriter(of: ledger)
        async let late: Void = ledger.commit(LedgerChange([.saveJob(aJob(2))]))
        _ = await eventually { ledger.statistics.waiting == 1 ? true : nil }
        await services.triggerGracefulShutdown()
        gate.signal()
        try await late
        try await running
        await #expect(throws: LedgerError.closed) { try await ledger.commit(LedgerChange([.saveJob(aJob(3))])) }
        await #expect(throws: LedgerError.closed) { _ = try await ledger.job(id: 1) }
        // The log is taken up and gone.
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        try await withLedger(at: path) { again in
            let jobs = try await again.openJobs()
            #expect(jobs.map(\.id) == [1, 2])
        }
    }

    @Test func restartGoesOnWithTheNumbersAndTheChain() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        let row = try await withLedger(at: path) { ledger in
            let delivery = try await ledger.insert(try verified(id: "d"))
            #expect((ledger.nextJobID(), ledger.nextEventID(), ledger.nextFencing()) == (1, 1, 1))
            let (job, event, fencing) = (ledger.nextJobID(), ledger.nextEventID(), ledger.nextFencing())
            try await ledger.commit(
                LedgerChange(
                    [
                        .saveJob(aJob(job)),
                        .insertEvent(
                            id: event, deliveryRowID: delivery.rowID, uniqueKey: "k", event: anEvent(),
                            explanation: []),
                        .takeLocks(jobID: job, fencing: fencing, [LockRequest(path: "pool/a")]),
                        .enqueue(aMessage("hello")),
                    ], audit: [anEntry()]))
            try await ledger.commit(LedgerChange([.releaseLocks(jobID: job)]))
            return delivery.rowID
        }
        try await withLedger(at: path) { ledger in
            #expect((ledger.nextJobID(), ledger.nextEventID(), ledger.nextFencing()) == (3, 3, 3))
            #expect(try await ledger.job(id: 2) == aJob(2))
            #expect(try await ledger.event(id: 2)?.event == anEvent())
            #expect(try await ledger.insert(try verified(id: "d")).rowID == row)
            #expect(try await ledger.dueOutbox(now: noon, limit: 5).count == 1)
            try await ledger.commit(LedgerChange(audit: [anEntry("job.ended")]))
            #expect(try await ledger.verifyAudit() == .intact(records: 3))
        }
    }

    @Test func fullDiskIsReportedAndRecoversWithoutARestart() async throws {
        let time = VirtualTime()
        try await withLedger(time: time) { ledger in
            try await ledger.commit(LedgerChange([.saveJob(aJob(1))], audit: [anEntry()]))
            await time.untilSleeping(1)
            func limit(pages: Int?) async throws {
                try await ledger.pool.writeWithoutTransaction { db in
                    let now = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                    try db.execute(sql: "PRAGMA max_page_count = \(pages.map { now + $0 } ?? 1_000_000)")
                }
            }
            try await limit(pages: 0)
            var noise = SystemRandomNumberGenerator()
            let large = (0..<100_000).map { _ in UInt8.random(in: 32...126, using: &noise) }
            let body = String(decoding: large, as: UTF8.self)
            let error = await #expect(throws: LedgerError.self) { _ = try await ledger.insert(try verified(body)) }
            guard case .unavailable(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("no space left"))
            #expect(ledger.health == reason)
            #expect(try await ledger.undecodedDeliveries(limit: 5).isEmpty)
            try await limit(pages: nil)
            // Nobody writes, and still it finds out by itself.
            time.advance(by: .seconds(1))
            #expect(await eventually { ledger.health == nil ? true : nil } == true)
            _ = try await ledger.insert(try verified(body))
            #expect(try await ledger.verifyAudit() == .intact(records: 2))
        }
    }

    @Test func readOnlyFileIsReportedAndRecoversWithoutARestart() async throws {
        let time = VirtualTime()
        try await withLedger(time: time) { ledger in
            _ = try await ledger.insert(try verified("before"))
            await time.untilSleeping(1)
            func setReadOnly(_ isOn: Bool) async throws {
                try await ledger.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = \(isOn)") }
            }
            try await setReadOnly(true)
            await #expect(throws: LedgerError.self) { _ = try await ledger.insert(try verified("refused")) }
            #expect(ledger.health?.contains("it is read-only") == true)
            try await setReadOnly(false)
            time.advance(by: .seconds(1))
            #expect(await eventually { ledger.health == nil ? true : nil } == true)
            _ = try await ledger.insert(try verified("after"))
            let bodies = try await ledger.undecodedDeliveries(limit: 5).map(\.delivery.body)
            #expect(bodies == ["before", "after"].map { Array($0.utf8) })
        }
    }

    @Test func deliveryThatWaitsTooLongIsRefusedAndNotWrittenLater() async throws {
        let time = VirtualTime()
        try await withLedger(time: time) { ledger in
            await time.untilSleeping(1)
            let gate = await heldWriter(of: ledger)
            // Both wait behind what holds up the writer: they are never written.
            let late = Task { try await ledger.insert(try verified("late", id: "late")) }
            async let change: Void = ledger.commit(LedgerChange([.saveJob(aJob(1))]))
            _ = await eventually { ledger.statistics.waiting == 2 ? true : nil }
            for _ in 0..<3 {
                time.advance(by: .seconds(1))
                await time.untilSleeping(1)
                #expect(ledger.health == nil)
            }
            time.advance(by: .seconds(1))
            let isRefused = await eventually { ledger.health != nil ? true : nil }
            #expect(isRefused == true)
            guard case .failure(LedgerError.unavailable(let reason)) = await late.result else {
                gate.signal()
                Issue.record("it was not refused")
                return
            }
            #expect(reason.contains("takes longer than 3 s"))
            #expect(ledger.statistics.waiting >= 1)
            gate.signal()
            // What must be recorded waits as long as it takes.
            try await change
            #expect(await eventually { ledger.health == nil ? true : nil } == true)
            #expect(try await ledger.insert(try verified("late", id: "late")).isDuplicate == false)
        }
    }

    @Test func lockedFileIsReportedAndRecovers() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            try await ledger.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA busy_timeout = 50") }
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            configuration.busyMode = .timeout(5)
            let other = try DatabaseQueue(path: path, configuration: configuration)
            try await other.writeWithoutTransaction { db in try db.beginTransaction(.immediate) }
            let change = LedgerChange([.saveJob(aJob(1))])
            await #expect(throws: LedgerError.self) { try await ledger.commit(change) }
            #expect(ledger.health?.contains("another process holds its write lock") == true)
            try await other.writeWithoutTransaction { db in try db.rollback() }
            try await ledger.commit(change)
            #expect(ledger.health == nil)
        }
    }

    /// Without the pause, writers that never rest make the log longer for ever.
    @Test func logBeginsAnewAlthoughWritesNeverRest() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            let writer = Task {
                var version: Int64 = 1
                while !Task.isCancelled {
                    try await ledger.commit(LedgerChange([.saveJob(aJob(1, version: version))]))
                    version += 1
                }
                return version
            }
            // The log's header (https://www.sqlite.org/fileformat.html §4.1) has two salts, new at each beginning.
            func salts() throws -> Data { try Data(contentsOf: URL(filePath: path + "-wal"))[16..<24] }
            for _ in 0..<8 {
                let before = try salts()
                var tries = 0
                // The commit after the pause begins the log anew, unless the loop's own checkpoint runs just then.
                while try salts() == before, tries < 3 {
                    tries += 1
                    let commits = ledger.statistics.commits
                    _ = await eventually { ledger.statistics.commits >= commits + 5 ? true : nil }
                    await ledger.checkpoint(longestLog: 0)
                    let done = ledger.statistics.commits
                    _ = await eventually { ledger.statistics.commits >= done + 3 ? true : nil }
                }
                #expect(try salts() != before)
            }
            writer.cancel()
            _ = try await writer.value
        }
    }

    @Test func longLogIsTakenUpWhileWritesGoOn() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            for index in 0..<40 {
                try await ledger.commit(
                    LedgerChange((0..<40).map { .saveJob(aJob(Int64(index * 40 + $0 + 1))) }))
            }
            #expect(await eventually { ledger.state.withLock { $0.pagesSinceCheckpoint } < 1000 ? true : nil } == true)
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            #expect(size > 500_000)
        }
    }
}
