import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Ledger

/// What a public key and the file of checkpoints show beyond the chain itself.
@Suite struct AuditProofTests {
    let folder: TemporaryFolder
    let key: Ed25519PrivateKey
    let other: Ed25519PrivateKey

    init() throws {
        folder = try TemporaryFolder()
        key = try #require(Ed25519PrivateKey())
        other = try #require(Ed25519PrivateKey())
    }

    private var ledger: String { folder.path("ledger.sqlite") }
    private var file: String { folder.path("ledger.checkpoints") }

    /// Records 1 to 3, checkpoint 4, 5 to 7, checkpoint 8, 9 and 10, each in turn also in the file.
    private func make(rotating: Bool = false) async throws {
        let log = CheckpointFile(path: file)
        let (key, other) = (key, other)
        try await withLedger(at: ledger) { ledger in
            func record(_ count: Int) async throws {
                for _ in 0..<count { try await ledger.commit(LedgerChange(audit: [anEntry()])) }
            }
            func seal(_ key: Ed25519PrivateKey) async throws {
                let signed = try await AuditProofTests.seal(ledger, key)
                try await log.append(signed.text)
            }
            try await record(3)
            try await seal(key)
            if rotating {
                let rotation = try AuditKeyRotation(from: key, to: other, at: noon)
                var entry = anEntry(AuditKeyRotation.kind, subject: "audit")
                entry.detail = rotation.json
                try await ledger.commit(LedgerChange(audit: [entry]))
                try await log.append(rotation.text)
                try await record(2)
                try await seal(other)
            } else {
                try await record(3)
                try await seal(key)
            }
            try await record(2)
        }
    }

    /// Signs the newest record and writes that into the audit.
    @discardableResult
    static func seal(
        _ ledger: SQLiteLedger, _ key: Ed25519PrivateKey, restoredAfter: Int64? = nil
    ) async throws -> SignedCheckpoint {
        let head = try #require(try await ledger.audit(AuditFilter(limit: 1)).first)
        let signed = try SignedCheckpoint(
            AuditCheckpoint(
                sequence: head.sequence, hash: head.hash, count: head.sequence, time: noon,
                key: key.publicKey.fingerprint, restoredAfter: restoredAfter), by: key)
        try await ledger.commit(
            LedgerChange(audit: [
                AuditEntry(
                    time: noon, actor: "defimon", kind: AuditCheckpoint.kind, subject: "audit", detail: signed.json)
            ]))
        return signed
    }

    private func change(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        let queue = try DatabaseQueue(path: ledger)
        try await queue.write { db in
            try db.execute(sql: "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened")
            try body(db)
        }
        try queue.close()
    }

    private func proof(_ trusted: Ed25519PrivateKey?, withFile: Bool = true) async throws -> AuditProof {
        try await AuditProving.ledger(ledger, checkpoints: withFile ? file : nil, key: trusted?.publicKey)
    }

    /// Writes every record from `sequence` on anew, so that the chain fits, as somebody with the file can.
    private static func rewrite(_ db: Database, from sequence: Int64, _ change: (String) -> String) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT seq, record, previous FROM audit WHERE seq >= \(sequence) ORDER BY seq")
        var previous: Data = try #require(rows.first)["previous"]
        for row in rows {
            let text = change(row["record"])
            let hash = AuditChain.hash(of: text, after: previous)
            try db.execute(
                sql: "UPDATE audit SET record = ?, previous = ?, hash = ? WHERE seq = ?",
                arguments: [text, previous, hash, row["seq"]])
            previous = hash
        }
    }

    @Test func `A sound ledger is proven up to its newest checkpoint`() async throws {
        try await make()
        let proof = try await proof(key)
        #expect(proof.problem == nil)
        #expect(proof.records == 10)
        #expect(proof.provenThrough == 7)
        #expect(proof.provenAt == noon)
        #expect(proof.key == key.publicKey.fingerprint)
        #expect(proof.checkpoints == 2)
        #expect(proof.lines == 2)
    }

    @Test func `Without a key nothing is called proven`() async throws {
        try await make()
        let proof = try await proof(nil)
        #expect(proof.problem == nil)
        #expect(proof.provenThrough == nil)
    }

    @Test func `A cut-off end is found by the file of checkpoints, and not without it`() async throws {
        try await make()
        try await change { db in try db.execute(sql: "DELETE FROM audit WHERE seq > 6") }
        let problem = try #require(try await proof(key).problem)
        #expect(problem.kind == .cutOff)
        #expect(problem.sequence == 7)
        #expect(try await proof(nil).problem?.kind == .cutOff)
        #expect(try await proof(key, withFile: false).problem == nil)
    }

    @Test func `An end that is cut off just behind what was signed is found too`() async throws {
        try await make()
        try await change { db in try db.execute(sql: "DELETE FROM audit WHERE seq > 7") }
        let problem = try #require(try await proof(key).problem)
        #expect(problem.kind == .cutOff)
        #expect(problem.sequence == 8)
    }

    @Test func `A chain that was written anew is found by the checkpoint in it`() async throws {
        try await make()
        try await change { db in try AuditProofTests.rewrite(db, from: 6) { $0.replacing("\"ada\"", with: "\"bob\"") } }
        for trusted in [nil, key] {
            let problem = try #require(try await proof(trusted).problem)
            #expect(problem.kind == .altered)
            #expect(problem.sequence == 4, "after the newest that is right")
            #expect(problem.what.contains("written anew"))
        }
    }

    @Test func `Whoever writes the chain anew with checkpoints of their own is found by the key`() async throws {
        try await make()
        let other = other
        try FileManager.default.removeItem(atPath: ledger)
        try await withLedger(at: ledger) { ledger in
            for _ in 0..<7 { try await ledger.commit(LedgerChange(audit: [anEntry()])) }
            try await AuditProofTests.seal(ledger, other)
        }
        #expect(try await proof(nil, withFile: false).problem == nil, "without a key it cannot be noticed")
        let problem = try #require(try await proof(key, withFile: false).problem)
        #expect(problem.kind == .replacedKey)
        #expect(problem.sequence == 1)
    }

    @Test func `A signature that is not the key's is named with the first record that it leaves unproven`() async throws
    {
        try await make()
        let (key, other) = (key, other)
        try await withLedger(at: ledger) { ledger in
            let head = try #require(try await ledger.audit(AuditFilter(limit: 1)).first)
            let forged = try SignedCheckpoint(
                AuditCheckpoint(
                    sequence: head.sequence, hash: head.hash, count: head.sequence, time: noon,
                    key: key.publicKey.fingerprint), by: other)
            var entry = anEntry(AuditCheckpoint.kind, subject: "audit")
            entry.detail = forged.json
            try await ledger.commit(LedgerChange(audit: [entry]))
        }
        let problem = try #require(try await proof(key).problem)
        #expect(problem.kind == .badSignature)
        #expect(problem.sequence == 8)
    }

    @Test(arguments: [60, 200, 300]) func `An altered byte of the file of checkpoints is found`(position: Int)
        async throws
    {
        try await make()
        var bytes = Array(try Data(contentsOf: URL(filePath: file)))
        bytes[position] = bytes[position] == 0x61 ? 0x62 : 0x61
        try Data(bytes).write(to: URL(filePath: file))
        let problem = try #require(try await proof(key).problem)
        #expect(problem.kind == .checkpointAltered, "\(problem)")
        #expect(problem.what.contains("line 1"))
    }

    @Test func `A line that was torn by a crash is no tampering`() async throws {
        try await make()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try Data(text.dropLast(100).utf8).write(to: URL(filePath: file))
        #expect(try await proof(key).problem == nil)
        let line = try #require(text.split(separator: "\n").last)
        try await CheckpointFile(path: file).append(String(line))
        let lines = try CheckpointFile.lines(file)
        #expect(lines.count == 3)
        #expect(try await proof(key).problem == nil)
    }

    @Test func `A line that never reached the file is no tampering`() async throws {
        try await make()
        let whole = try CheckpointFile.lines(file)
        let line = try #require(whole.last)
        try Data("\(line)\n".utf8).write(to: URL(filePath: file))
        let proof = try await proof(key)
        #expect(proof.problem == nil)
        #expect(proof.provenThrough == 7)
    }

    @Test func `A change of the key is followed from the old one and from the new one`() async throws {
        try await make(rotating: true)
        for trusted in [key, other] {
            let proof = try await proof(trusted)
            #expect(proof.problem == nil)
            #expect(proof.provenThrough == 7)
            #expect(proof.key == other.publicKey.fingerprint)
        }
        let stranger = try #require(Ed25519PrivateKey())
        #expect(try await proof(stranger).problem?.kind == .replacedKey)
    }

    @Test func `A key that was replaced without the old one's signature is found`() async throws {
        try await make()
        let other = other
        _ = try await withLedger(at: ledger) { ledger in try await AuditProofTests.seal(ledger, other) }
        let problem = try #require(try await proof(key).problem)
        #expect(problem.kind == .replacedKey)
        #expect(problem.sequence == 8)
    }

    @Test func `An old key signs nothing after its change`() async throws {
        try await make(rotating: true)
        let key = key
        _ = try await withLedger(at: ledger) { ledger in try await AuditProofTests.seal(ledger, key) }
        let problem = try #require(try await proof(other).problem)
        #expect(problem.kind == .replacedKey)
        #expect(problem.sequence == 8)
    }

    @Test func `A record that was put in is named`() async throws {
        try await make()
        try await change { db in
            try db.execute(sql: "UPDATE audit SET seq = seq + 100 WHERE seq > 5")
            try db.execute(sql: "UPDATE audit SET seq = seq - 99 WHERE seq > 100")
            let before: Data = try #require(try Row.fetchOne(db, sql: "SELECT hash FROM audit WHERE seq = 5"))["hash"]
            let forged = PreparedAudit(anEntry("job.approved"), redactor: Redactor())
            let record = forged.record(sequence: 6)
            try db.execute(
                sql: "INSERT INTO audit (seq, record, detail, previous, hash) VALUES (6, ?, ?, ?, ?)",
                arguments: [record, forged.detail, before, AuditChain.hash(of: record, after: before)])
        }
        let problem = try #require(try await proof(nil, withFile: false).problem)
        #expect(problem.kind == .inserted)
        #expect(problem.sequence == 6)
    }

    @Test(arguments: [
        ("UPDATE audit SET detail = '{\"x\":2}' WHERE seq = 2", 2, AuditProblem.Kind.altered),
        ("DELETE FROM audit WHERE seq = 6", 6, .removed),
        ("UPDATE audit SET detail = NULL WHERE seq = 4", 4, .detailRemoved),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6; "
                + "UPDATE audit SET seq = 6 WHERE seq = 99", 5, .reordered
        ),
    ])
    func `What was done is named`(sql: String, sequence: Int64, kind: AuditProblem.Kind) async throws {
        try await make()
        try await change { db in try db.execute(sql: sql) }
        let problem = try #require(try await proof(key).problem)
        #expect(problem.sequence == sequence)
        #expect(problem.kind == kind)
    }

    @Test func `Checkpoints of records that went with a restore are superseded by the next one, which says so`()
        async throws
    {
        try await make()
        let (key, file) = (key, file)
        try FileManager.default.removeItem(atPath: ledger)
        try await withLedger(at: ledger) { ledger in
            for _ in 0..<5 { try await ledger.commit(LedgerChange(audit: [anEntry()])) }
            let signed = try await AuditProofTests.seal(ledger, key, restoredAfter: 2)
            try await CheckpointFile(path: file).append(signed.text)
        }
        let proof = try await proof(key)
        #expect(proof.problem == nil)
        #expect(proof.superseded == 2)
        #expect(proof.provenThrough == 5)
    }

    @Test func `openssl finds a checkpoint's signature right, and the key's files as they should be`() async throws {
        let openssl = try #require(Project.program("openssl"))
        let keyFile = AuditKeyFile(path: folder.path("audit-key"))
        let key = try await keyFile.create()
        let signed = try SignedCheckpoint(
            AuditCheckpoint(sequence: 7, hash: "ab", count: 7, time: noon, key: key.publicKey.fingerprint), by: key)
        try Data(signed.checkpoint.statement.canonicalBytes).write(to: URL(filePath: folder.path("statement")))
        try Data(signed.signature).write(to: URL(filePath: folder.path("signature")))
        let answer = try await RunningProgram.run(
            openssl,
            [
                "pkeyutl", "-verify", "-pubin", "-inkey", keyFile.publicPath, "-rawin", "-in", folder.path("statement"),
                "-sigfile", folder.path("signature"),
            ])
        #expect(answer.code == 0, "\(answer.text)")
        let derived = try await RunningProgram.run(openssl, ["pkey", "-in", folder.path("audit-key"), "-pubout"])
        #expect(derived.text == key.publicKey.pem)
        #expect(try mode(folder.path("audit-key")) == 0o600)
        #expect(try mode(keyFile.publicPath) == 0o644)
        #expect(Ed25519PublicKey(pem: derived.text) == key.publicKey)
        #expect("\(key)" == "<secret>")
    }

    @Test func `A key of openssl's is read`() async throws {
        let openssl = try #require(Project.program("openssl"))
        let path = folder.path("audit-key")
        _ = try await RunningProgram.run(openssl, ["genpkey", "-algorithm", "ed25519", "-out", path])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let keys = AuditKeyFile(path: path)
        let key = try #require(try await keys.current())
        #expect(try String(contentsOfFile: keys.publicPath, encoding: .utf8) == key.publicKey.pem)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        await #expect(throws: AuditSealError("\(path) may be read by others: chmod 600 \(path)")) {
            try await keys.current()
        }
    }

    @Test func `The file of checkpoints is only added to, and only its owner reads it`() async throws {
        let log = CheckpointFile(path: file)
        let nothing = try await log.lastLine()
        #expect(nothing == nil)
        try await log.append("one")
        try await log.append("two")
        #expect(try mode(file) == 0o600)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "one\ntwo\n")
        let last = try await log.lastLine()
        #expect(last == "two")
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }
}
