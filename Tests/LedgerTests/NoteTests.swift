import Domain
import Ledger
import TestSupport
import Testing

@Suite struct NoteTests {
    @Test func aNoteIsWhatWasSavedLastAlsoAfterARestart() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            let none = try await ledger.note("sweep")
            #expect(none == nil)
            try await ledger.commit(LedgerChange([.saveNote("sweep", ["cursor": 17]), .saveNote("other", "x")]))
            try await ledger.commit(LedgerChange([.saveNote("sweep", ["cursor": 18]), .saveNote("other", .null)]))
        }
        try await withLedger(at: path) { ledger in
            let saved = try await ledger.note("sweep")
            let removed = try await ledger.note("other")
            #expect(saved == ["cursor": 18])
            #expect(removed == nil)
        }
    }
}
