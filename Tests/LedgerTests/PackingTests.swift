import Domain
import Foundation
import GRDB
import Ledger
import TestSupport
import Testing

@Suite struct PackingTests {
    private static let body = String(repeating: #"{"ref":"refs/heads/main"}"#, count: 30)

    /// What `compress2` made of the body, without a dictionary.
    private static let packedBefore = Data(
        base64Encoded: "eAGrVipKTVOyApHF+hmpiSnF+rmJmXlKtdWjEqNBMtwSAwDchgSS")

    @Test func bodyThatWasPackedWithoutADictionaryIsRead() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in _ = try await ledger.insert(try verified(PackingTests.body)) }
        let packed = try #require(PackingTests.packedBefore)
        try await DatabaseQueue(path: path).write { db in
            try db.execute(sql: "UPDATE deliveries SET body = ?", arguments: [packed])
        }
        let stored = try await SQLiteLedger.readOnly(path: path).delivery(rowID: 1)
        #expect(stored?.delivery.body == Array(PackingTests.body.utf8))
    }

    /// Rows need the dictionary they were made with: this fails when its text changes.
    @Test func rowsNameTheDictionaryByItsChecksum() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in _ = try await ledger.insert(try verified(PackingTests.body)) }
        let header = try await DatabaseQueue(path: path).read { db in
            try String.fetchOne(db, sql: "SELECT hex(substr(body, 1, 6)) FROM deliveries")
        }
        #expect(header == "787D906E25DF")
    }

    @Test func bodyOfAnUnknownDictionaryIsDamage() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in _ = try await ledger.insert(try verified(PackingTests.body)) }
        try await DatabaseQueue(path: path).write { db in
            try db.execute(
                sql: "UPDATE deliveries SET body = CAST(x'783F00000001' || substr(body, 7) AS BLOB)")
        }
        let reader = try SQLiteLedger.readOnly(path: path)
        await #expect(throws: LedgerError.self) { try await reader.delivery(rowID: 1) }
    }

    /// Each compressor is taken by one task at a time.
    @Test func manyAtOnceComeBackAsTheyWere() async throws {
        try await withLedger { ledger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        let body = String(repeating: "\(number) refs/heads/main ", count: 100 + number)
                        let receipt = try await ledger.insert(try verified(body))
                        let stored = try await ledger.delivery(rowID: receipt.rowID)
                        #expect(stored?.delivery.body == Array(body.utf8))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
