package import Domain
import Foundation
package import Logging

/// Puts a backup in a ledger's place.
package enum LedgerRestore {
    /// What lies beside a ledger while its files change places; a bot does not start then.
    static func mark(of ledger: String) -> String { ledger + "-restoring" }

    /// A hundred years.
    private static let keepsAll = Duration.seconds(100 * 365 * 86_400)

    /// Checks the backup, copies it, writes into the copy that it was restored and that the bot is frozen, and puts it in
    /// the ledger's place; the ledger that was there stays beside it under another name. Throws `BackupError`, also
    /// when a bot runs on the ledger. Until the files change places nothing of the ledger is touched; a restore that was
    /// interrupted there is simply done again.
    package static func restore(
        _ backup: String, to ledger: String, by actor: String, time: any TimeSource, logger: Logger
    ) async throws -> RestoreSummary {
        let ledger = URL(filePath: ledger).path
        let backup = URL(filePath: backup).path
        let lock: LockFile
        do { lock = try LedgerOpening.lock(path: ledger) } catch {
            throw BackupError(path: ledger, reason: "stop the bot first: \(error.reason)")
        }
        defer { withExtendedLifetime(lock) {} }
        let at = time.now
        let copy = ledger + "-restored-copy"
        BackupFile.remove(copy)
        defer { BackupFile.remove(copy) }
        let checked = try await LedgerBackup.offPool {
            let checked = try LedgerBackup.checked(backup)
            guard try BackupFile.copy(backup, to: copy) == checked.sha256 else {
                throw BackupError(path: backup, reason: "it changed while it was copied")
            }
            return checked
        }
        var point = RestorePoint(
            at: at, from: backup, sequence: checked.auditSequence, madeAt: checked.newestRecord ?? at)
        point.droppedReports = try await write(point, checked, by: actor, into: copy, time: time, logger: logger)
        let aside = "\(ledger).before-restore-\(LedgerRestore.stamp(at))"
        let keptAside = try await LedgerBackup.offPool { try changePlaces(copy, ledger, aside) }
        return RestoreSummary(point: point, backup: checked, keptAside: keptAside)
    }

    /// What a restored ledger says of itself, written as a bot writes: with migrations, and as the next records of the
    /// chain. Returns how many reports waited in it, which are not delivered again.
    private static func write(
        _ point: RestorePoint, _ backup: BackupSummary, by actor: String, into path: String, time: any TimeSource,
        logger: Logger
    ) async throws -> Int {
        let dropped: Int
        do {
            // A restored ledger holds all that the backup held: what is too old goes when the bot runs.
            let ledger = try SQLiteLedger(
                path: path, redactor: Redactor(), time: time, queueLimit: 10, logger: logger, keepBodies: keepsAll)
            dropped = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await ledger.run() }
                var point = point
                point.droppedReports = try await drop(reportsOf: ledger, point, by: actor)
                let freeze = Freeze(by: actor, at: point.at, reason: point.words)
                try await ledger.commit(
                    LedgerChange(
                        [.saveNote(RestorePoint.note, point.json), .saveNote(Freeze.note, freeze.json)],
                        audit: [
                            AuditEntry(
                                time: point.at, actor: actor, kind: "ledger.restored", subject: "ledger",
                                detail: [
                                    "from": .string(point.from), "sequence": .int(point.sequence),
                                    "made_at": .string(point.madeAt.rfc3339), "sha256": .string(backup.sha256),
                                    "size": .int(backup.bytes), "dropped_reports": .int(Int64(point.droppedReports)),
                                ]),
                            AuditEntry(
                                time: point.at, actor: actor, kind: "bot.frozen", subject: "bot",
                                detail: ["reason": .string(freeze.reason)]),
                        ]))
                group.cancelAll()
                try await group.waitForAll()
                return point.droppedReports
            }
        } catch {
            throw BackupError(path: path, error)
        }
        if BackupFile.exists(path + "-wal") {
            throw BackupError(path: path, reason: "its log could not be taken up: look at the free space")
        }
        return dropped
    }

    /// Reports that are read and marked in one go.
    private static let batch = 200

    /// Reports that waited when the backup was made may have been delivered long ago: each is marked, on record, so that
    /// none goes out a second time. Returns how many.
    private static func drop(
        reportsOf ledger: SQLiteLedger, _ point: RestorePoint, by actor: String
    ) async throws -> Int {
        let reason = "it may have been delivered already: \(point.words)"
        var count = 0
        while true {
            // Whenever they are due.
            let waiting = try await ledger.dueOutbox(now: .distantFuture, limit: batch)
            guard !waiting.isEmpty else { return count }
            var change = LedgerChange()
            for var message in waiting {
                message.state = .dropped
                message.lastError = reason
                change.writes.append(.saveOutbox(message, reference: nil))
                change.audit.append(
                    AuditEntry(
                        time: point.at, actor: actor, kind: "report.dropped", subject: message.subject,
                        detail: [
                            "place": .string(message.place.description), "slot": .string(message.slot.rawValue),
                            "title": .string(message.report.title), "reason": .string(reason),
                        ]))
            }
            try await ledger.commit(change)
            count += waiting.count
        }
    }

    /// The copy becomes the ledger. A log that stayed beside would be taken for the copy's, so it goes first, and a bot
    /// that started in between would find half: a mark keeps it off.
    private static func changePlaces(_ copy: String, _ ledger: String, _ aside: String) throws(BackupError) -> String? {
        let mark = mark(of: ledger)
        // Restored by root, it is still the bot's.
        for path in [copy, ledger + "-lock"] {
            try BackupFile.giveTo(
                ownerOf: BackupFile.exists(ledger) ? ledger : BackupFile.folder(of: ledger), path)
        }
        try BackupFile.flush(copy)
        if !BackupFile.exists(mark) { try BackupFile.create(mark) }
        try BackupFile.flush(BackupFile.folder(of: ledger))
        var kept: String?
        for suffix in ["-wal", "-shm", ""] where BackupFile.exists(ledger + suffix) {
            if BackupFile.exists(aside + suffix) {
                throw BackupError(path: aside + suffix, reason: "there is a file of that name; try again")
            }
            try BackupFile.rename(ledger + suffix, to: aside + suffix)
            if suffix.isEmpty { kept = aside }
        }
        try BackupFile.rename(copy, to: ledger)
        guard unlink(mark) == 0 else { throw BackupError.system(mark, "remove") }
        try BackupFile.flush(BackupFile.folder(of: ledger))
        return kept
    }

    private static func stamp(_ time: Date) -> String {
        time.rfc3339.replacing(":", with: "").replacing(".", with: "-")
    }
}
