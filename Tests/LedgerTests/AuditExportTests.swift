import Domain
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Ledger

/// Exports that prove themselves, and details that had to go.
@Suite struct AuditExportTests {
    let folder: TemporaryFolder
    let key: Ed25519PrivateKey

    init() throws {
        folder = try TemporaryFolder()
        key = try #require(Ed25519PrivateKey())
    }

    private var path: String { folder.path("ledger.sqlite") }

    /// Records 1 to 6, a second apart from each other, checkpoint 7, records 8 and 9.
    private func make() async throws {
        let key = key
        try await withLedger(at: path) { ledger in
            for index in 1...6 {
                var entry = anEntry(
                    subject: index == 2 ? "=1+1,\n\"x\"" : "job/\(index)", detail: ["n": .int(Int64(index))])
                entry.time = AuditExportTests.time(index)
                try await ledger.commit(LedgerChange(audit: [entry]))
            }
            try await AuditProofTests.seal(ledger, key)
            for index in 8...9 {
                var entry = anEntry(subject: "job/\(index)")
                entry.time = AuditExportTests.time(index)
                try await ledger.commit(LedgerChange(audit: [entry]))
            }
        }
    }

    private static func time(_ index: Int) -> Date { noon.advanced(by: .seconds(index - 7)) }

    private func export(_ export: AuditExport) async throws -> (bytes: [UInt8], summary: AuditExport.Summary) {
        let collected = Collected()
        let summary = try await export.write(of: path) { bytes in collected.bytes.withLock { $0 += bytes } }
        return (collected.bytes.withLock { $0 }, summary)
    }

    private final class Collected: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    @Test(arguments: AuditExport.Format.allCases)
    func `The whole audit is proven by its export alone`(format: AuditExport.Format) async throws {
        try await make()
        let (bytes, summary) = try await export(AuditExport(format: format))
        #expect(summary == AuditExport.Summary(first: 1, last: 9, provenThrough: 6))
        let proof = try AuditProving.export(bytes, key: key.publicKey)
        #expect(proof.problem == nil)
        #expect(proof.records == 9)
        #expect(proof.provenThrough == 6)
        let stranger = try #require(Ed25519PrivateKey())
        #expect(try AuditProving.export(bytes, key: stranger.publicKey).problem?.kind == .replacedKey)
        #expect(try AuditProving.export(bytes, key: nil).provenThrough == nil)
    }

    @Test(arguments: AuditExport.Format.allCases)
    func `A part of the audit is proven by its export alone`(format: AuditExport.Format) async throws {
        try await make()
        let (bytes, summary) = try await export(
            AuditExport(since: AuditExportTests.time(2), until: AuditExportTests.time(5), format: format))
        #expect(summary == AuditExport.Summary(first: 2, last: 4, provenThrough: 6))
        let proof = try AuditProving.export(bytes, key: key.publicKey)
        #expect(proof.problem == nil)
        #expect(proof.first == 2)
        #expect(proof.records == 3)
        #expect(proof.provenThrough == 4)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("\"n\\\":5") && !text.contains("\"\"n\"\":5"), "a link keeps its detail")
    }

    @Test(arguments: [
        (#""n\":3"#, #""n\":7"#, 3, AuditProblem.Kind.altered), ("ada", "bob", 1, .altered),
    ])
    func `An altered export is found`(old: String, new: String, sequence: Int64, kind: AuditProblem.Kind) async throws {
        try await make()
        let text = String(decoding: try await export(AuditExport(format: .jsonl)).bytes, as: UTF8.self)
        let altered = text.replacing(old, with: new)
        #expect(altered != text)
        let problem = try #require(try AuditProving.export(Array(altered.utf8), key: key.publicKey).problem)
        #expect(problem.sequence == sequence)
        #expect(problem.kind == kind)
    }

    @Test func `Lines that are missing from an export are found`() async throws {
        try await make()
        let text = String(decoding: try await export(AuditExport(format: .jsonl)).bytes, as: UTF8.self)
        var lines = text.split(separator: "\n")
        lines.remove(at: 3)
        #expect(
            try AuditProving.export(Array(lines.joined(separator: "\n").utf8), key: key.publicKey).problem?.kind
                == .removed)
        let cut = text.split(separator: "\n").prefix(4).joined(separator: "\n")
        #expect(try AuditProving.export(Array(cut.utf8), key: key.publicKey).problem?.kind == .cutOff)
        #expect(throws: AuditSealError.self) { try AuditProving.export(Array("hello".utf8), key: nil) }
    }

    @Test func `Cells of CSV are no formulas, and are quoted as RFC 4180 says`() async throws {
        try await make()
        let text = String(decoding: try await export(AuditExport(format: .csv)).bytes, as: UTF8.self)
        #expect(text.hasPrefix("seq,record,detail,previous,hash,time,actor,kind,subject\r\n"))
        #expect(text.contains("job.started,\"'=1+1,\n\"\"x\"\"\"\r\n"))
        for cell in ["=1", "+1", "-1", "@x", "\tx", "'x", "", "a,b", "\"", "a\r\nb"] {
            var reader = CSVText.Reader(Array((CSVText.cell(cell) + "," + CSVText.cell("end") + "\r\n").utf8))
            let row = try reader.next()
            let end = try reader.next()
            #expect(row == [cell, "end"])
            #expect(end == nil)
        }
    }

    @Test func `A detail is erased on record, and the proof stays whole`() async throws {
        try await make()
        try await AuditErasing.erase(AuditErasure(sequence: 3, reason: "a token"), in: path, by: "cli:ada", at: noon)
        let proof = try await AuditProving.ledger(path, checkpoints: nil, key: key.publicKey)
        #expect(proof.problem == nil)
        #expect(proof.erased == 1)
        #expect(proof.records == 10)
        let reader = try SQLiteLedger.readOnly(path: path)
        let record = try #require(try await reader.audit(AuditFilter(kind: AuditErasure.kind)).first)
        #expect(record.actor == "cli:ada")
        #expect(record.subject == "audit/3")
        #expect(record.detail == ["erased": 3, "reason": "a token"])
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.range(of: Data(#"{"n":3}"#.utf8)) == nil, "it is in no free page either")
        #expect(bytes.range(of: Data(#"{"n":4}"#.utf8)) != nil)
        let (export, _) = try await export(
            AuditExport(since: AuditExportTests.time(2), until: AuditExportTests.time(5), format: .csv))
        let exported = try AuditProving.export(export, key: nil)
        #expect(exported.problem == nil)
        #expect(exported.erased == 1)
    }

    @Test(arguments: [(99, "there is no audit record 99"), (7, "part of the audit's proof"), (3, "erased already")])
    func `What cannot be erased is refused`(sequence: Int64, reason: String) async throws {
        try await make()
        try await AuditErasing.erase(AuditErasure(sequence: 3, reason: "x"), in: path, by: "cli:ada", at: noon)
        let error = await #expect(throws: AuditSealError.self) {
            try await AuditErasing.erase(
                AuditErasure(sequence: sequence, reason: "x"), in: path, by: "cli:ada", at: noon)
        }
        #expect(error?.description.contains(reason) == true)
    }

    @Test func `Nothing is erased while a bot writes`() async throws {
        try await make()
        let path = path
        try await withLedger(at: path) { _ in
            _ = await #expect(throws: LedgerOpenError.self) {
                try await AuditErasing.erase(AuditErasure(sequence: 3, reason: "x"), in: path, by: "cli:ada", at: noon)
            }
        }
    }

    @Test func `A detail that goes without a record of it is found`() async throws {
        try await make()
        let queue = try DatabaseQueue(path: path)
        await #expect(throws: DatabaseError.self) {
            try await queue.write { db in try db.execute(sql: "UPDATE audit SET detail = NULL WHERE seq = 3") }
        }
        try await queue.write { db in
            try db.execute(sql: "DROP TRIGGER audit_is_never_changed; UPDATE audit SET detail = NULL WHERE seq = 3")
        }
        try queue.close()
        let problem = try #require(try await AuditProving.ledger(path, checkpoints: nil, key: key.publicKey).problem)
        #expect(problem.kind == .detailRemoved)
        #expect(problem.sequence == 3)
    }
}
