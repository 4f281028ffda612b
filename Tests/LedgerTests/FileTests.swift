import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite struct FileTests {
    @Test func onlyItsOwnerCanReadIt() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try Data().write(to: URL(filePath: path))
        chmod(path, 0o644)
        try await withLedger(at: path) { ledger in
            _ = try await ledger.insert(try verified())
            for name in ["", "-wal", "-shm", "-lock"] {
                let mode = try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
                #expect(mode == 0o600, "ledger.sqlite\(name)")
            }
        }
    }

    @Test func everyCommitIsFlushed() async throws {
        try await withLedger { ledger in
            let (synchronous, automatic) = try await ledger.pool.writeWithoutTransaction { db in
                (
                    try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                    try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint")
                )
            }
            #expect(synchronous == 2)
            #expect(automatic == 0)
        }
    }

    @Test func secondWriterIsKeptOff() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { _ in
            let error = #expect(throws: LedgerOpenError.self) { _ = try openLedger(at: path) }
            #expect(error?.reason.contains("another process writes to it") == true)
        }
        try await withLedger(at: path) { _ in }
    }

    @Test func listingSeesWhatARunningBotCommits() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            let listing = try SQLiteLedger.readOnly(path: path)
            #expect(try await listing.openJobs().isEmpty)
            try await ledger.commit(LedgerChange([.saveJob(aJob(1))], audit: [anEntry()]))
            #expect(try await listing.openJobs() == [aJob(1)])
            #expect(try await listing.verifyAudit() == .intact(records: 1))
        }
        let alone = try SQLiteLedger.readOnly(path: path)
        #expect(try await alone.job(id: 1) == aJob(1))
    }

    /// The files as a process that was killed leaves them: a log that nobody took up.
    @Test func killedBotsFileIsReadAndWrittenOn() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            try await ledger.commit(LedgerChange([.saveJob(aJob(1))], audit: [anEntry()]))
            for copy in ["listed", "started"] {
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: path + suffix, toPath: folder.path(copy + suffix))
                }
            }
        }
        #expect(try await SQLiteLedger.readOnly(path: folder.path("listed")).openJobs() == [aJob(1)])
        try await withLedger(at: folder.path("started")) { ledger in
            try await ledger.commit(LedgerChange([.saveJob(aJob(1, version: 2))], audit: [anEntry()]))
            let verdict = try await ledger.verifyAudit()
            #expect(verdict == .intact(records: 2))
        }
    }

    @Test(arguments: [
        ("missing.sqlite", "there is no such file"), ("text.sqlite", "it is not an SQLite database"),
        ("empty.sqlite", "it is empty, or of an older version"), ("other.sqlite", "but not a ledger"),
        ("newer.sqlite", "newer version"),
    ])
    func listingOfSomethingElseSaysWhat(name: String, reason: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path(name)
        try folder.write("hello, this is no database", to: "text.sqlite")
        try folder.write("", to: "empty.sqlite")
        try await DatabaseQueue(path: folder.path("other.sqlite")).write { db in
            try db.execute(sql: "CREATE TABLE cats (name TEXT)")
        }
        try await withLedger(at: folder.path("newer.sqlite")) { ledger in
            try await ledger.pool.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')")
            }
        }
        let error = #expect(throws: LedgerOpenError.self) { _ = try SQLiteLedger.readOnly(path: path) }
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
        if name == "text.sqlite" || name == "other.sqlite" || name == "newer.sqlite" {
            let error = #expect(throws: LedgerOpenError.self) { _ = try openLedger(at: path) }
            #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
        }
    }

    @Test func missingFolderIsNamed() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: LedgerOpenError.self) { _ = try openLedger(at: folder.path("no/ledger.sqlite")) }
        #expect(error?.description.contains("there is no folder") == true)
    }

    @Test func damagedFileIsNotStarted() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            try await ledger.commit(LedgerChange((1...200).map { .saveJob(aJob($0)) }))
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        for page in 12..<(bytes.count / 8192) {
            bytes.replaceSubrange(page * 8192..<page * 8192 + 64, with: Data(repeating: 0xff, count: 64))
        }
        try bytes.write(to: URL(filePath: path))
        let error = #expect(throws: LedgerOpenError.self) { _ = try openLedger(at: path) }
        #expect(error?.reason.contains("damaged") == true, "\(String(describing: error))")
    }

    @Test func oldBodiesAreRemovedAndTheirHashesStay() async throws {
        let time = VirtualTime(now: noon.addingTimeInterval(91 * 86_400))
        try await withLedger(time: time) { ledger in
            // The first look at the start finds nothing.
            await time.untilSleeping(1)
            let old = try await ledger.insert(try verified("old"))
            let older = try await ledger.insert(try verified("older"))
            let young = try await ledger.insert(try verified("young", receivedAt: time.now))
            let waiting = try await ledger.insert(try verified("waiting"))
            try await ledger.commit(
                LedgerChange(
                    [old, older, young].map { .finishDelivery(rowID: $0.rowID, state: .decoded, note: nil) }))
            time.advance(by: .seconds(3600))
            #expect(
                try await eventually {
                    try await ledger.delivery(rowID: old.rowID)?.delivery.body.isEmpty == true ? true : nil
                } == true)
            #expect(try await ledger.delivery(rowID: older.rowID)?.delivery.body == [])
            #expect(try await ledger.delivery(rowID: young.rowID)?.delivery.body == Array("young".utf8))
            #expect(try await ledger.delivery(rowID: waiting.rowID)?.delivery.body == Array("waiting".utf8))
            let hashes = try await ledger.pool.read { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM deliveries WHERE length(body_hash) = 32")
            }
            #expect(hashes == 4)
            let record = try #require(try await ledger.audit(AuditFilter(kind: "delivery.bodies-removed")).first)
            #expect(record.actor == "defimon")
            #expect(record.detail["count"] == 2)
            try await ledger.commit(
                LedgerChange([.finishDelivery(rowID: waiting.rowID, state: .undecodable, note: "no")]))
            #expect(try await ledger.removeBodies(olderThan: .zero) == 2)
            #expect(try await ledger.removeBodies(olderThan: .zero) == 0)
        }
    }
}
