import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

/// Values that jobs keep beyond their end.
@Suite struct KeptValueTests {
    let folder: TemporaryFolder
    var path: String { folder.path("ledger.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    private func kept(_ key: String, _ value: JSONValue, job: JobID = 1) -> KeptValue {
        KeptValue(key: key, value: value, size: 0, jobID: job, requester: "olivia", setAt: noon)
    }

    /// A change for a running job 1 with a lease of 5.
    private var start: LedgerChange {
        LedgerChange([
            .saveJob(aJob(1, state: .running)),
            .takeLocks(jobID: 1, fencing: 5, [LockRequest(path: "pool/analytics")]),
        ])
    }

    private func refusal(_ ledger: SQLiteLedger, _ writes: LedgerWrite...) async -> String? {
        do throws(LedgerError) {
            try await ledger.commit(LedgerChange(writes))
            return nil
        } catch {
            guard case .conflict(let reason) = error else { return "\(error)" }
            return reason
        }
    }

    @Test func `what is kept is there after a restart, with who set it, until it is forgotten`() async throws {
        let (path, start, one, two) = (path, start, kept("override/a/replicas", 5), kept("override/b", ["min": 2]))
        try await withLedger(at: path) { ledger in
            try await ledger.commit(start)
            try await ledger.commit(LedgerChange([.keep(one, fencing: 5), .keep(two, fencing: 5)]))
            var other = one
            other.value = 7
            other.requester = "victor"
            try await ledger.commit(LedgerChange([.keep(other, fencing: 5)]))
        }
        try await withLedger(at: path) { ledger in
            let found = try #require(try await ledger.keptValue("override/a/replicas"))
            #expect(found.value == 7)
            #expect(found.origin == "set by victor on 2026-09-21 with job 1")
            #expect(found.setAt == noon)
            let all = try await ledger.keptValues(under: "override/", limit: 10)
            #expect(all.map(\.key) == ["override/a/replicas", "override/b"])
            #expect(all.map(\.value) == [7, ["min": 2]])
            #expect(try await ledger.keptValues(under: "override/b", limit: 10).count == 1)
            #expect(try await ledger.keptValues(under: "other/", limit: 10).isEmpty)
            #expect(try await ledger.keptValues(under: "override/", limit: 1).count == 1)
            try await ledger.commit(LedgerChange([.forget(key: "override/b", jobID: 1, fencing: 5)]))
            try await ledger.commit(LedgerChange([.forget(key: "override/b", jobID: 1, fencing: 5)]))
            #expect(try await ledger.keptValue("override/b") == nil)
        }
    }

    @Test func `a value of four mebibytes is kept packed and read whole, one byte more is refused`() async throws {
        let (path, start) = (path, start)
        // A JSON text has two quotes.
        let most = JSONValue.string(String(repeating: "x", count: KeptValue.largest - 2))
        try #require(most.canonicalBytes.count == KeptValue.largest)
        let more = JSONValue.string(String(repeating: "x", count: KeptValue.largest - 1))
        let (large, tooLarge) = (kept("set/a", most), kept("set/b", more))
        let small = kept("set/c", .string(String(repeating: "y", count: KeptValue.largestShown - 2)))
        let listedNoMore = kept("set/d", .string(String(repeating: "y", count: KeptValue.largestShown - 1)))
        try await withLedger(at: path) { ledger in
            try await ledger.commit(start)
            try await ledger.commit(
                LedgerChange([
                    .keep(large, fencing: 5), .keep(small, fencing: 5), .keep(listedNoMore, fencing: 5),
                ]))
            let reason = await refusal(ledger, .keep(tooLarge, fencing: 5))
            #expect(reason?.contains("set/b is larger than 4194304 bytes") == true)
            let found = try #require(try await ledger.keptValue("set/a"))
            #expect(found.value == most)
            #expect(found.size == KeptValue.largest)
            let listed = try await ledger.keptValues(under: "set/", limit: 10)
            #expect(listed.map(\.key) == ["set/a", "set/c", "set/d"])
            #expect(listed.map { $0.value == nil } == [true, false, true])
            let stored = try await ledger.pool.read { db in
                try Int.fetchOne(db, sql: "SELECT length(value) FROM kept WHERE key = 'set/a'")
            }
            #expect(try #require(stored) < 100_000)
        }
    }

    @Test func `ten thousand keys are kept and no more, but each may be set anew`() async throws {
        let (path, start) = (path, start)
        let all = (0..<KeptValue.mostKeys).map { kept("k/\($0)", .int(Int64($0))) }
        let (extra, again) = (kept("k/extra", 1), kept("k/7", 70))
        try await withLedger(at: path) { ledger in
            try await ledger.commit(start)
            try await ledger.commit(LedgerChange(all.map { .keep($0, fencing: 5) }))
            let reason = await refusal(ledger, .keep(extra, fencing: 5))
            #expect(reason == "k/extra cannot be kept: there are 10000 kept values already, and no more may be")
            #expect(try await ledger.keptValue("k/extra") == nil)
            #expect(await refusal(ledger, .keep(again, fencing: 5)) == nil)
            #expect(try await ledger.keptValue("k/7")?.value == 70)
            #expect(
                await refusal(ledger, .forget(key: "k/8", jobID: 1, fencing: 5), .keep(extra, fencing: 5)) == nil)
        }
    }

    @Test func `a job keeps nothing under an old lease, nor when it does not run`() async throws {
        let (path, start) = (path, start)
        let (value, ofAnother) = (kept("k/a", 1), kept("k/a", 2, job: 2))
        try await withLedger(at: path) { ledger in
            try await ledger.commit(start)
            try await ledger.commit(
                LedgerChange([
                    .keep(value, fencing: 5),
                    .takeLocks(jobID: 1, fencing: 6, [LockRequest(path: "pool/analytics")]),
                    .saveJob(aJob(2, state: .queued)),
                ]))
            for write in [LedgerWrite.keep(value, fencing: 5), .forget(key: "k/a", jobID: 1, fencing: 5)] {
                let reason = await refusal(ledger, write)
                #expect(reason?.contains("taken over under lease 6, after lease 5") == true)
            }
            for write in [LedgerWrite.keep(ofAnother, fencing: 7), .forget(key: "k/a", jobID: 3, fencing: 7)] {
                #expect(await refusal(ledger, write)?.contains("does not run, so it keeps nothing") == true)
            }
            #expect(await refusal(ledger, .keep(value, fencing: 6)) == nil)
            #expect(try await ledger.keptValue("k/a")?.value == 1)
        }
    }

    @Test(arguments: ["", "word", "/a", "a/", "a//b", "a b/c", "a/\u{e9}", String(repeating: "a", count: 1023) + "/b"])
    func `a text that is no path is no key`(key: String) async throws {
        let (path, start, value) = (path, start, kept(key, 1))
        try await withLedger(at: path) { ledger in
            try await ledger.commit(start)
            #expect(await refusal(ledger, .keep(value, fencing: 5)) != nil)
        }
        #expect(KeptValue.problem(ofKey: String(repeating: "a", count: 1022) + "/b") == nil)
    }

    @Test func `a ledger of an older version gets its table, and a backup has what was kept`() async throws {
        let (path, start, value) = (path, start, kept("override/a", 5))
        let backup = folder.path("backup.sqlite")
        try await withLedger(at: path) { ledger in
            try await ledger.commit(start)
            try await ledger.pool.write { db in
                try db.execute(
                    sql: "DROP TABLE kept; DELETE FROM grdb_migrations WHERE identifier = 'kept values'")
            }
        }
        try await withLedger(at: path) { ledger in
            try await ledger.commit(LedgerChange([.keep(value, fencing: 5)]))
            _ = try await LedgerBackup.make(of: path, to: backup)
        }
        let copy = try SQLiteLedger.readOnly(path: backup)
        #expect(try await copy.keptValue("override/a")?.value == 5)
    }
}
