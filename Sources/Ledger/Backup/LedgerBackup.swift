import Domain
package import Foundation
import GRDB
import Synchronization

/// Copies a ledger while a bot writes to it, and checks copies.
package enum LedgerBackup {
    /// Pages that are copied in one step.
    private static let step: CInt = 256

    /// The usual name of a backup made at that time: `defimon-2026-07-30T110500Z.sqlite`. Names sort by time.
    package static func name(at time: Date) -> String {
        "\(namePrefix)\(time.rfc3339.prefix(19).replacing(":", with: ""))Z\(nameSuffix)"
    }

    /// Whether a file has a name that `name(at:)` gives.
    package static func isName(_ name: String) -> Bool {
        guard name.hasPrefix(namePrefix), name.hasSuffix(nameSuffix) else { return false }
        let time = name.dropFirst(namePrefix.count).dropLast(nameSuffix.count)
        return time.count == 18 && time.hasSuffix("Z") && time.allSatisfy { $0.isNumber || "-TZ".contains($0) }
    }

    private static let namePrefix = "defimon-"
    private static let nameSuffix = ".sqlite"

    /// Makes a copy that holds everything that was committed when it began. It is written beside `destination` with mode
    /// 0600, checked wholly, flushed and then renamed: a file of that name is always whole. Throws `BackupError`; there
    /// must be no file of that name yet. Throws `CancellationError` soon after its task is cancelled.
    package static func make(of ledger: String, to destination: String) async throws -> BackupSummary {
        let stop = Stop()
        return try await withTaskCancellationHandler {
            try await offPool { try copy(ledger, to: destination, stop) }
        } onCancel: {
            stop.isSet.withLock { $0 = true }
        }
    }

    /// Checks a file as a ledger that could be restored: header, kind, version, pages, the whole audit chain. Throws
    /// `BackupError`.
    package static func check(_ path: String) async throws -> BackupSummary {
        try await offPool { try checked(path) }
    }

    /// Runs what blocks on a thread of its own kind.
    static func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Tells a copy that it is not wanted any more.
    private final class Stop: Sendable {
        let isSet = Mutex(false)

        func check() throws(CancellationError) {
            if isSet.withLock({ $0 }) { throw CancellationError() }
        }
    }

    private static func copy(_ ledger: String, to destination: String, _ stop: Stop) throws -> BackupSummary {
        let destination = URL(filePath: destination).path
        if BackupFile.exists(destination) {
            throw BackupError(path: destination, reason: "there is a file of that name: name another one")
        }
        guard BackupFile.exists(BackupFile.folder(of: destination)) else {
            throw BackupError(path: destination, reason: "there is no folder \(BackupFile.folder(of: destination))")
        }
        let partial = destination + ".partial-\(getpid())"
        BackupFile.remove(partial)
        try BackupFile.create(partial)
        defer { BackupFile.remove(partial) }
        do {
            let source = try LedgerOpening.forCopying(path: ledger)
            try copyPages(source, to: partial, stop)
            try source.close()
            var summary: BackupSummary
            do { summary = try checked(partial) } catch {
                // Each page is as it is in the ledger.
                throw BackupError(path: ledger, reason: error.reason)
            }
            try stop.check()
            try BackupFile.flush(partial)
            try BackupFile.rename(partial, to: destination)
            summary.path = destination
            return summary
        } catch let error as CancellationError {
            throw error
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            throw BackupError(path: destination, error)
        } catch {
            throw BackupError(path: ledger, error)
        }
    }

    private static func copyPages(_ source: DatabaseQueue, to path: String, _ stop: Stop) throws {
        var configuration = Configuration()
        configuration.label = "ledger-backup"
        let target = try DatabaseQueue(path: path, configuration: configuration)
        try source.read { from in
            // From the first row that is read the connection sees one state, whatever is committed meanwhile: the copy
            // need not begin anew, and no writer waits.
            _ = try Int.fetchOne(from, sql: "SELECT count(*) FROM sqlite_schema")
            try target.writeWithoutTransaction { to in
                // The whole file is flushed once it is checked.
                try to.execute(sql: "PRAGMA synchronous = OFF")
                try from.backup(to: to, pagesPerStep: step) { _ in try stop.check() }
            }
        }
        // One file without a log beside it.
        try target.writeWithoutTransaction { db in _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") }
        try target.close()
    }

    static func checked(_ path: String) throws(BackupError) -> BackupSummary {
        let path = URL(filePath: path).path
        guard BackupFile.exists(path) else { throw BackupError(path: path, reason: "there is no such file") }
        let log = path + "-wal"
        if BackupFile.exists(log), try BackupFile.size(log) > 0 {
            throw BackupError(
                path: path,
                reason: "it is a ledger in use and no backup: \(log) holds a part of it. Copy it with `defimon backup`")
        }
        do {
            try LedgerOpening.checkHeader(path)
            let queue = try LedgerOpening.readOnly(path: path)
            let (sequence, newest) = try queue.read { db in
                try LedgerOpening.checkVersion(db, path: path, mustBeCurrent: false)
                try checkContents(db, path: path)
                return try newestRecord(db)
            }
            try queue.close()
            return BackupSummary(
                path: path, bytes: try BackupFile.size(path), sha256: try BackupFile.hash(path),
                auditSequence: sequence, newestRecord: newest)
        } catch let error as LedgerOpenError {
            throw BackupError(path: path, reason: error.reason)
        } catch {
            throw BackupError(path: path, error)
        }
    }

    private static func checkContents(_ db: Database, path: String) throws {
        let answer = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no answer"
        guard answer == "ok" else { throw BackupError(path: path, reason: "it is damaged (\(answer))") }
        guard try db.tableExists("audit") else {
            throw BackupError(path: path, reason: "it is empty: no bot has run on it")
        }
        if let problem = try AuditVerifier().verify(db).problem {
            throw BackupError(path: path, reason: "its audit is broken at record \(problem.sequence): \(problem.what)")
        }
    }

    private static func newestRecord(_ db: Database) throws -> (Int64, Date?) {
        let row = try Row.fetchOne(db, sql: "SELECT seq, time_us FROM audit ORDER BY seq DESC LIMIT 1")
        let time: Int64? = row?["time_us"]
        return (row?["seq"] ?? 0, time.map { Date(microseconds: $0) })
    }
}
