package import Domain
import Foundation
package import Logging
import ServiceLifecycle

/// Signs the audit: at least each minute that has new records a checkpoint goes into the audit itself and into a file
/// outside the ledger, and at most hourly into a channel, so that nobody can write the chain anew or cut off its end
/// unseen. A key that waits takes the old one's place, on record.
///
/// In a service group it comes before the engine, so that it ends after it and seals the last records too.
package actor AuditSealService: Service {
    /// The longest that a new record stays without a signature.
    package static let interval = Duration.seconds(60)
    /// The shortest time between two messages in a channel.
    package static let reportInterval = Duration.seconds(3600)
    /// The note under which the ledger keeps when a channel was told last.
    static let note = "audit/reported"
    /// What messages about checkpoints are about.
    static let subject = "audit/checkpoints"

    /// What the service works with.
    package struct Parts: Sendable {
        package var reader: any LedgerReader
        package var writer: any LedgerWriter
        package var announcer: any TeamAnnouncer
        package var keys: any AuditKeys
        package var log: any CheckpointLog
        package var redactor: Redactor
        package var time: any TimeSource
        package var logger: Logger

        package init(
            reader: any LedgerReader, writer: any LedgerWriter, announcer: any TeamAnnouncer, keys: any AuditKeys,
            log: any CheckpointLog, redactor: Redactor, time: any TimeSource, logger: Logger
        ) {
            self.reader = reader
            self.writer = writer
            self.announcer = announcer
            self.keys = keys
            self.log = log
            self.redactor = redactor
            self.time = time
            self.logger = logger
        }
    }

    private let parts: Parts
    private let writer: PatientWriter
    private var key: Ed25519PrivateKey
    /// The newest checkpoint of the ledger.
    private var newest: AuditCheckpoint?
    /// When a channel was told last, and through which record; read when it is needed first.
    private var reported: (at: Date, through: Int64)?

    /// Takes up the key, or makes the first one. Throws `AuditSealError` when the key is not the one that signed what is
    /// there.
    package init(_ parts: Parts) async throws {
        self.parts = parts
        writer = PatientWriter(
            writer: parts.writer, redactor: parts.redactor, time: parts.time, logger: parts.logger)
        let newest = try await AuditSealService.newestCheckpoint(parts.reader)
        self.newest = newest
        key = try await AuditSealService.key(parts, newest)
    }

    package func run() async throws {
        await catchUp()
        await cancelWhenGracefulShutdown {
            while true {
                await self.round()
                do { try await self.parts.time.sleep(for: AuditSealService.interval) } catch { return }
            }
        }
        await round()
    }

    // MARK: The key

    private static func newestCheckpoint(_ reader: any LedgerReader) async throws -> AuditCheckpoint? {
        do {
            return AuditCheckpoint(
                try await reader.audit(AuditFilter(kind: AuditCheckpoint.kind, limit: 1)).first?.detail["checkpoint"])
        } catch {
            throw AuditSealError("the audit's checkpoints cannot be read: \(error)")
        }
    }

    private static func newestRotation(_ reader: any LedgerReader) async throws -> AuditRecord? {
        do { return try await reader.audit(AuditFilter(kind: AuditKeyRotation.kind, limit: 1)).first } catch {
            throw AuditSealError("the audit's checkpoints cannot be read: \(error)")
        }
    }

    private static func key(_ parts: Parts, _ newest: AuditCheckpoint?) async throws -> Ed25519PrivateKey {
        let rotation = try await newestRotation(parts.reader)
        // The newer of both says which key is in force.
        var expected = newest?.key
        if let rotation, rotation.sequence > newest?.sequence ?? 0 {
            expected = rotation.detail["rotation"]?["new"]?.stringValue
        }
        guard let key = try await parts.keys.current() else {
            let isFirst = try await parts.log.lastLine() == nil && expected == nil
            guard isFirst else {
                throw AuditSealError(
                    "the audit's key \(parts.keys.place) is missing, and there are checkpoints that it signed: put it"
                        + " back from where it is kept safe" + (expected.map { " (its public key is \($0))" } ?? ""))
            }
            let key = try await parts.keys.create()
            parts.logger.notice(
                "the audit's key was made: keep a copy of the public one elsewhere",
                metadata: ["key": "\(parts.keys.place)", "fingerprint": "\(key.publicKey.fingerprint)"])
            return key
        }
        guard let expected, expected != key.publicKey.fingerprint else { return key }
        // A rotation is on record, and the bot ended before the files had changed places.
        if let waiting = try await parts.keys.waiting(), waiting.publicKey.fingerprint == expected {
            try await parts.keys.adoptWaiting()
            return waiting
        }
        throw AuditSealError(
            "the audit's key \(parts.keys.place) is \(key.publicKey.fingerprint), and the newest checkpoint was signed"
                + " by \(expected): put that one back, and change it with `defimon audit rotate-key`")
    }

    /// Records the change to a key that waits, signed by both, and puts it in force.
    private func rotate(to new: Ed25519PrivateKey) async throws {
        guard new.publicKey != key.publicKey else { return try await parts.keys.adoptWaiting() }
        let rotation = try AuditKeyRotation(from: key, to: new, at: parts.time.now)
        try await writer.commit(
            LedgerChange(audit: [
                AuditEntry(
                    time: rotation.time, actor: "defimon", kind: AuditKeyRotation.kind, subject: "audit",
                    detail: rotation.json)
            ]))
        key = new
        try await parts.log.append(rotation.text)
        try await parts.keys.adoptWaiting()
        parts.logger.notice(
            "the audit's key was rotated", metadata: ["fingerprint": "\(new.publicKey.fingerprint)"])
    }

    // MARK: Checkpoints

    /// What was recorded and did not reach the file before the bot ended is written there; a ledger that is older than
    /// the file is told.
    private func catchUp() async {
        do {
            guard let line = try await parts.log.lastLine() else {
                if newest != nil { try await appendNewest() }
                return
            }
            let last = SignedCheckpoint(line)?.checkpoint
            if let newest, newest.sequence > last?.sequence ?? 0 { return try await appendNewest() }
            guard let last, last.sequence > newest?.sequence ?? 0 else { return }
            let restored = try await restoredAfter()
            if restored == nil { try await tellMissing(last) }
        } catch {
            parts.logger.error("the audit's checkpoints cannot be compared", metadata: ["error": "\(error)"])
        }
    }

    /// Writes the newest checkpoint that the ledger holds into the file.
    private func appendNewest() async throws {
        let record = try await parts.reader.audit(AuditFilter(kind: AuditCheckpoint.kind, limit: 1)).first
        if let record { try await parts.log.append(record.detail.canonicalText) }
    }

    private func tellMissing(_ last: AuditCheckpoint) async throws {
        parts.logger.critical(
            "the ledger is older than its file of checkpoints: records are missing",
            metadata: ["newest": "\(newest?.sequence ?? 0)", "signed": "\(last.sequence)"])
        let now = parts.time.now
        let report = Report(
            mood: .failure, title: "The audit is shorter than what was signed",
            blocks: [
                .text(
                    "At \(last.time.rfc3339) it held \(last.count) records; its newest checkpoint now is of record "
                        + "\(newest?.sequence ?? 0). Records were cut off, or an older ledger was put in place by hand. "
                        + "`defimon audit verify` says more.")
            ])
        try await parts.announcer.announce(
            report, subject: "audit/missing/\(last.sequence)",
            with: LedgerChange(audit: [
                AuditEntry(
                    time: now, actor: "defimon", kind: "audit.checkpoint-missing", subject: "audit",
                    detail: ["signed": .int(last.sequence), "newest": .int(newest?.sequence ?? 0)])
            ]))
    }

    /// The newest record of the backup, when the ledger was restored since the newest checkpoint.
    private func restoredAfter() async throws -> Int64? {
        try await parts.reader.audit(AuditFilter(kind: "ledger.restored", after: newest?.sequence, limit: 1)).first?
            .detail["sequence"]?.intValue.map { Int64($0) }
    }

    /// One look; what fails is tried again with the next.
    private func round() async {
        do {
            if let waiting = try await parts.keys.waiting() { try await rotate(to: waiting) }
            try await seal()
            try await reportIfDue()
        } catch LedgerError.closed {
            return
        } catch {
            parts.logger.error("the audit cannot be sealed, trying again", metadata: ["error": "\(error)"])
        }
    }

    private func seal() async throws {
        let news = try await parts.reader.audit(
            AuditFilter(after: newest?.sequence, exceptKind: AuditCheckpoint.kind, limit: 1))
        guard !news.isEmpty, let head = try await parts.reader.audit(AuditFilter(limit: 1)).first else { return }
        let now = parts.time.now
        let signed = try SignedCheckpoint(
            AuditCheckpoint(
                sequence: head.sequence, hash: head.hash, count: head.sequence, time: now,
                key: key.publicKey.fingerprint, restoredAfter: try await restoredAfter()), by: key)
        try await writer.commit(
            LedgerChange(audit: [
                AuditEntry(
                    time: now, actor: "defimon", kind: AuditCheckpoint.kind, subject: "audit", detail: signed.json)
            ]))
        newest = signed.checkpoint
        try await parts.log.append(signed.text)
    }

    /// Tells the channel, unless nothing but its own messages came since it was told last.
    private func reportIfDue() async throws {
        guard let newest else { return }
        let now = parts.time.now
        let last: (at: Date, through: Int64)
        if let reported {
            last = reported
        } else {
            let note = try await parts.reader.note(AuditSealService.note)
            // The first message comes an hour after the first start.
            last = (
                note?["at"]?.stringValue.flatMap { Date(rfc3339: $0) } ?? now, Int64(note?["through"]?.intValue ?? 0)
            )
            reported = last
            if note == nil { try await writer.commit(LedgerChange([saved(last)])) }
        }
        guard now.since(last.at) >= AuditSealService.reportInterval else { return }
        let news = try await parts.reader.audit(
            AuditFilter(
                after: last.through, exceptKind: AuditCheckpoint.kind, exceptSubject: AuditSealService.subject,
                limit: 1))
        guard !news.isEmpty else { return }
        let report = Report(
            mood: .info, title: "The audit holds \(newest.count) records",
            blocks: [
                .fields([
                    .init("Signed", newest.time.rfc3339), .init("Record", "\(newest.sequence)"),
                    .init("Hash", newest.hash), .init("Key", newest.key),
                ])
            ])
        let next = (at: now, through: newest.sequence)
        try await parts.announcer.announce(
            report, subject: AuditSealService.subject, with: LedgerChange([saved(next)]))
        reported = next
    }

    private func saved(_ reported: (at: Date, through: Int64)) -> LedgerWrite {
        .saveNote(
            AuditSealService.note, ["at": .string(reported.at.rfc3339), "through": .int(reported.through)])
    }
}
