import Domain
import Foundation
import Logging
import TestSupport
import Testing

@testable import Ledger

/// Reports that waited in a backup.
@Suite struct RestoredOutboxTests {
    let folder: TemporaryFolder
    var ledger: String { folder.path("ledger.sqlite") }
    var backup: String { folder.path("backup.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    private func restore() async throws -> RestoreSummary {
        try await LedgerRestore.restore(
            backup, to: ledger, by: "olivia", time: VirtualTime(now: noon.addingTimeInterval(3600)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Around the bound of what is marked in one go.
    @Test(arguments: [0, 1, 200, 201])
    func `None that waited when the backup was made goes out, and each is on record`(count: Int) async throws {
        try await withLedger(at: ledger) { ledger in
            try await ledger.commit(LedgerChange([.enqueue(aMessage("told", subject: "job/told"))]))
            var told = try #require(try await ledger.dueOutbox(now: noon, limit: 1).first)
            told.state = .delivered
            try await ledger.commit(LedgerChange([.saveOutbox(told, reference: "ts-1")]))
            // Every second one is not due for a long time.
            try await ledger.commit(
                LedgerChange(
                    (0..<count).map {
                        .enqueue(
                            aMessage(
                                "report \($0)", subject: "job/\($0)", to: "#place-\($0 % 7)",
                                at: noon.addingTimeInterval($0 % 2 == 0 ? 0 : 80_000)))
                    }))
        }
        _ = try await LedgerBackup.make(of: ledger, to: backup)
        let summary = try await restore()
        #expect(summary.point.droppedReports == count)
        try await withLedger(at: ledger) { ledger in
            let waiting = try await ledger.dueOutbox(now: .distantFuture, limit: 1000)
            #expect(waiting.isEmpty)
            let next = try await ledger.nextOutboxDue()
            #expect(next == nil)
            let told = try await ledger.outbox(subject: "job/told").map(\.state)
            #expect(told == [.delivered])
            for index in 0..<count {
                let message = try #require(try await ledger.outbox(subject: "job/\(index)").first)
                #expect(message.state == .dropped)
                #expect(message.lastError?.contains("it may have been delivered already") == true)
            }
            let records = try await ledger.audit(AuditFilter(kind: "report.dropped", limit: 1000))
            #expect(Set(records.map(\.subject)) == Set((0..<count).map { "job/\($0)" }))
            #expect(records.allSatisfy { $0.actor == "olivia" && $0.detail["title"]?.stringValue != nil })
            let restored = try #require(try await ledger.audit(AuditFilter(kind: "ledger.restored")).first)
            #expect(restored.detail["dropped_reports"] == .int(Int64(count)))
            let point = RestorePoint(try await ledger.note(RestorePoint.note))
            #expect(point == summary.point)
            let verdict = try await ledger.verifyAudit()
            guard case .intact = verdict else {
                Issue.record("\(verdict)")
                return
            }
        }
    }

    @Test func `A restore that an older version noted is read as one that dropped nothing`() {
        let note = RestorePoint(at: noon, from: "b", sequence: 3, madeAt: noon, droppedReports: 5).json
        #expect(RestorePoint(note)?.droppedReports == 5)
        let older = note.objectValue?.filter { $0.key != "dropped_reports" }
        #expect(RestorePoint(older.map(JSONValue.object))?.droppedReports == 0)
    }
}
