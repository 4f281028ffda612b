import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite struct AuditTests {
    /// A ledger of five records, closed, changed by SQL as somebody with the file could, and opened again.
    private func verdict(after sql: String) async throws -> AuditVerdict {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            for index in 1...5 {
                try await ledger.commit(
                    LedgerChange(audit: [anEntry(subject: "job/\(index)", detail: ["n": .int(Int64(index))])]))
            }
        }
        let queue = try DatabaseQueue(path: path)
        try await queue.write { db in
            try db.execute(sql: "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;" + sql)
        }
        try queue.close()
        return try await SQLiteLedger.readOnly(path: path).verifyAudit()
    }

    @Test(arguments: [
        ("UPDATE audit SET detail = replace(detail, '3', '4') WHERE seq = 3", 3, "its detail is not what was written"),
        ("UPDATE audit SET detail = NULL WHERE seq = 3", 3, "its detail is gone, and no record"),
        ("UPDATE audit SET record = replace(record, 'ada', 'bob') WHERE seq = 2", 2, "its text or its hash is not"),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", 4, "its text or its hash is not"),
        ("UPDATE audit SET previous = zeroblob(32) WHERE seq = 4", 4, "it does not follow the record before"),
        ("DELETE FROM audit WHERE seq = 3", 3, "the record is not there; the next one there is 4"),
        ("DELETE FROM audit WHERE seq = 1", 1, "the record is not there; the next one there is 2"),
        (
            "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", 3,
            "the record is not there; in its place stands record 4"
        ),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; "
                + "UPDATE audit SET seq = 3 WHERE seq = 99",
            2, "the record stands in the place of record 3"
        ),
        (
            "UPDATE audit SET seq = seq + 100 WHERE seq > 2; UPDATE audit SET seq = seq - 99 WHERE seq > 100; "
                + "INSERT INTO audit (seq, record, detail, previous, hash) "
                + "SELECT 3, record, detail, previous, hash FROM audit WHERE seq = 2",
            3, "in its place stands record 2 a second time"
        ),
    ])
    func tamperingIsFound(sql: String, sequence: Int64, what: String) async throws {
        let verdict = try await verdict(after: sql)
        guard case .broken(let found, let words) = verdict else {
            Issue.record("not found: \(sql)")
            return
        }
        #expect(found == sequence)
        #expect(words.hasPrefix(what), "\(words)")
    }

    /// Somebody who recomputes a record's own hash still breaks the link to the next one, by which it is found.
    @Test func recomputedHashIsFoundByTheNextRecord() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in
            for index in 1...3 { try await ledger.commit(LedgerChange(audit: [anEntry(subject: "job/\(index)")])) }
        }
        let queue = try DatabaseQueue(path: path)
        try await queue.write { db in
            let row = try #require(try Row.fetchOne(db, sql: "SELECT record, previous FROM audit WHERE seq = 2"))
            let text: String = row["record"]
            let record = text.replacing("ada", with: "bob")
            try db.execute(sql: "DROP TRIGGER audit_is_never_changed")
            try db.execute(
                sql: "UPDATE audit SET record = ?, hash = ? WHERE seq = 2",
                arguments: [record, AuditChain.hash(of: record, after: row["previous"])])
        }
        try queue.close()
        let verdict = try await SQLiteLedger.readOnly(path: path).verifyAudit()
        #expect(verdict == .broken(sequence: 2, what: "its hash was made anew: record 3 follows another one"))
    }

    @Test func untouchedChainIsIntact() async throws {
        #expect(try await verdict(after: "") == .intact(records: 5))
    }

    @Test(arguments: ["UPDATE audit SET detail = '{}'", "UPDATE audit SET hash = ''", "DELETE FROM audit"])
    func recordsCannotBeChangedInPassing(sql: String) async throws {
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange(audit: [anEntry()]))
            await #expect(throws: DatabaseError.self) {
                try await ledger.pool.write { db in try db.execute(sql: sql) }
            }
        }
    }

    @Test func recordIsItsOwnProof() async throws {
        try await withLedger { ledger in
            let entries = [
                anEntry(),
                anEntry("job.ended", subject: #"a "quoted" \ subject, "detail_hash":"#, detail: ["ü": [1, .null]]),
            ]
            try await ledger.commit(LedgerChange(audit: entries))
            let records = try await ledger.audit(AuditFilter())
            #expect(records.map(\.sequence) == [2, 1])
            #expect(records[1].previousHash == String(repeating: "0", count: 64))
            #expect(records[0].previousHash == records[1].hash)
            for (record, entry) in zip(records, entries.reversed()) {
                #expect(record.actor == entry.actor)
                #expect(record.kind == entry.kind)
                #expect(record.subject == entry.subject)
                #expect(record.detail == entry.detail)
                #expect(record.time == noon)
            }
            #expect(try await ledger.verifyAudit() == .intact(records: 2))
        }
    }

    @Test func secretsAreTakenOutBeforeHashing() async throws {
        let redactor = Redactor()
        redactor.add(Secret("xoxb-1234-abcdef"))
        try await withLedger(redactor: redactor) { ledger in
            try await ledger.commit(
                LedgerChange(audit: [
                    AuditEntry(
                        time: noon, actor: "ada", kind: "job.failed", subject: "job xoxb-1234-abcdef",
                        detail: ["error": "no such token xoxb-1234-abcdef", "xoxb-1234-abcdef": 1])
                ]))
            _ = try await ledger.insert(
                try TrustingVerifier(id: "id-xoxb-1234-abcdef", sender: "xoxb-1234-abcdef").verify(
                    Delivery(
                        source: Source("slack"), route: "r", headers: [:], body: [1], receivedAt: noon,
                        remoteAddress: "")))
            let stored = try await ledger.pool.read { db in
                try String.fetchAll(db, sql: "SELECT record || detail FROM audit").joined()
            }
            #expect(!stored.contains("abcdef"))
            #expect(stored.contains("no such token <secret>"))
            #expect(try await ledger.verifyAudit() == .intact(records: 2))
        }
    }

    @Test(arguments: ["x", "\\", "\u{1}", "ä"])
    func longDetailIsCutWithAMark(text: String) async throws {
        try await withLedger { ledger in
            let long = String(repeating: text, count: 40_000)
            try await ledger.commit(LedgerChange(audit: [anEntry(detail: ["output": .string(long)])]))
            let detail = try #require(try await ledger.audit(AuditFilter()).first?.detail)
            #expect(detail["cut"] == true)
            #expect((detail["size"]?.intValue ?? 0) > 40_000)
            #expect(detail["beginning"]?.stringValue?.hasPrefix(#"{"output":""#) == true)
            #expect(detail.canonicalBytes.count <= PreparedAudit.longestDetail)
            #expect(try await ledger.verifyAudit() == .intact(records: 1))
        }
    }

    @Test func auditIsFilteredNewestFirst() async throws {
        try await withLedger { ledger in
            for (index, kind) in ["job.started", "job.ended", "jobs", "rule.matched", "job.started"].enumerated() {
                var entry = anEntry(kind, subject: "job/\(index % 2)")
                entry.actor = index == 3 ? "bob" : "ada"
                entry.time = Date(microseconds: noon.microseconds + Int64(index))
                try await ledger.commit(LedgerChange(audit: [entry]))
            }
            func sequences(_ filter: AuditFilter) async throws -> [Int64] {
                try await ledger.audit(filter).map(\.sequence)
            }
            #expect(try await sequences(AuditFilter()) == [5, 4, 3, 2, 1])
            #expect(try await sequences(AuditFilter(limit: 2)) == [5, 4])
            #expect(try await sequences(AuditFilter(before: 3)) == [2, 1])
            #expect(try await sequences(AuditFilter(kind: "job.")) == [5, 2, 1])
            #expect(try await sequences(AuditFilter(kind: "job.started")) == [5, 1])
            #expect(try await sequences(AuditFilter(actor: "bob")) == [4])
            #expect(try await sequences(AuditFilter(subject: "job/0")) == [5, 3, 1])
            #expect(try await sequences(AuditFilter(since: Date(microseconds: noon.microseconds + 3))) == [5, 4])
            #expect(try await sequences(AuditFilter(until: Date(microseconds: noon.microseconds + 2))) == [2, 1])
            #expect(try await sequences(AuditFilter(after: 3)) == [5, 4])
            #expect(try await sequences(AuditFilter(exceptKind: "job.started")) == [4, 3, 2])
            #expect(try await sequences(AuditFilter(exceptSubject: "job/0")) == [4, 2])
        }
    }

    @Test func recordsOfAJobAreFoundWithItsStepsAndReports() async throws {
        try await withLedger { ledger in
            var other = aJob(421)
            other.command = "status"
            other.arguments = ["pool": "ml"]
            other.locks = [LockRequest(path: "pool/infrastructure/node/geth-0")]
            try await ledger.commit(
                LedgerChange(
                    [.saveJob(aJob(42)), .saveStep(aStep(42, 0)), .saveJob(other), .saveStep(aStep(421, 0))],
                    audit: [
                        anEntry("job.created", subject: "job/42"), anEntry("job.created", subject: "job/421"),
                        anEntry("step.started", subject: "job/42/step/0"),
                        anEntry("step.started", subject: "job/421/step/0"),
                        anEntry("report.delivered", subject: "job/42"), anEntry("event.received", subject: "event/42"),
                    ]))
            func sequences(_ filter: AuditFilter) async throws -> [Int64] {
                try await ledger.audit(filter).map(\.sequence)
            }
            #expect(try await sequences(AuditFilter(job: 42)) == [5, 3, 1])
            #expect(try await sequences(AuditFilter(job: 421)) == [4, 2])
            #expect(try await sequences(AuditFilter(command: "status")) == [4, 2])
            #expect(try await sequences(AuditFilter(pool: "analytics")) == [5, 3, 1])
            #expect(try await sequences(AuditFilter(pool: "ml")) == [4, 2])
            #expect(try await sequences(AuditFilter(pool: "infrastructure")) == [4, 2])
            #expect(try await sequences(AuditFilter(kind: "report.", command: "deploy", pool: "analytics")) == [5])
            #expect(try await sequences(AuditFilter(pool: "none")) == [])
        }
    }

    @Test func filtersOfJobsUseIndices() async throws {
        try await withLedger { ledger in
            let plan = try await ledger.pool.read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        EXPLAIN QUERY PLAN SELECT seq FROM audit WHERE subject IN (
                            WITH wanted AS MATERIALIZED (SELECT id FROM jobs WHERE command = 'x')
                            SELECT 'job/' || id FROM wanted
                            UNION ALL SELECT 'job/' || job || '/step/' || number FROM steps
                                WHERE job IN (SELECT id FROM wanted)) ORDER BY seq DESC LIMIT 50
                        """
                ).map { $0["detail"] as String }.joined(separator: "\n")
            }
            #expect(plan.contains("audit_by_subject"), "\(plan)")
            #expect(plan.contains("jobs_by_command"), "\(plan)")
        }
    }

    @Test func bodiesGoAndTheirRecordsStay() async throws {
        try await withLedger { ledger in
            for index in 1...3 { _ = try await ledger.insert(try verified("body \(index)", id: "d\(index)")) }
            let before = try await ledger.audit(AuditFilter())
            #expect(try await ledger.removeBodies(olderThan: .zero) == 0, "they wait to be decoded")
            for row in 1...3 {
                try await ledger.commit(
                    LedgerChange([.finishDelivery(rowID: Int64(row), state: .decoded, note: nil)]))
            }
            #expect(try await ledger.removeBodies(olderThan: .zero) == 3)
            let after = try await ledger.audit(AuditFilter())
            #expect(after.map(\.kind).first == "delivery.bodies-removed")
            #expect(Array(after.dropFirst()) == before)
            #expect(try await ledger.verifyAudit() == .intact(records: 4))
        }
    }
}
