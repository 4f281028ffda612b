import Domain
import Foundation
import Ledger
import Logging
import Synchronization
import TestSupport
import Testing

@Suite struct LeaseTests {
    @Test func `What may not be written any more is not written, and the caller hears that it is over`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        let mayWrite = Mutex(true)
        let ledger = try SQLiteLedger(
            path: path, redactor: Redactor(), time: SystemTime(), queueLimit: 10,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, mayWrite: { mayWrite.withLock { $0 } })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ledger.run() }
            try await ledger.commit(LedgerChange([.saveJob(aJob(1))]))
            mayWrite.withLock { $0 = false }
            await #expect(throws: LedgerError.closed) { try await ledger.commit(LedgerChange([.saveJob(aJob(2))])) }
            await #expect(throws: LedgerError.closed) { try await ledger.insert(try verified()) }
            // A disk that fails would be said; this is none.
            #expect(ledger.health == nil)
            group.cancelAll()
            try await group.waitForAll()
        }
        try await withLedger(at: path) { ledger in
            let (written, refused) = (try await ledger.job(id: 1), try await ledger.job(id: 2))
            #expect(written != nil)
            #expect(refused == nil)
        }
    }
}
