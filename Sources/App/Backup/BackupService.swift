import Domain
import Foundation
import Ledger
import Logging
import Outbound
import ServiceLifecycle

/// Copies the ledger from time to time, hands the copy over to another host where the settings name one, and removes
/// copies that are too old. What fails is told to the team, and tried again sooner.
struct BackupService: Service {
    /// Under this name the ledger keeps when the last try was, and whether the team knows of a failure.
    static let note = "backup"
    /// After a failure.
    static let retryAfter = Duration.seconds(1800)
    /// The wall clock is looked at that often at least: it may be set while this sleeps.
    static let longestPause = Duration.seconds(60)
    /// How long an upload may take, and any other conversation.
    static let uploadTimeout = Duration.seconds(4 * 3600)
    static let talkTimeout = Duration.seconds(120)

    let settings: BackupSettings
    /// The ledger's file.
    let path: String
    /// The folder of the copies, absolute.
    let folder: String
    let remote: SecureCopyTarget?
    let reader: any LedgerReader
    let writer: any LedgerWriter
    let announcer: any TeamAnnouncer
    let time: any TimeSource
    let logger: Logger

    /// Relative paths start at `base`.
    init(
        _ settings: BackupSettings, ledger: SQLiteLedger, path: String, base: String, announcer: any TeamAnnouncer,
        time: any TimeSource, logger: Logger
    ) {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(base)/\(path)" }
        self.settings = settings
        self.path = path
        folder = settings.folder.map(absolute) ?? BackupSettings.usualFolder(beside: path)
        remote = settings.ssh.map {
            SecureCopyTarget(
                host: $0.host, port: $0.port, user: $0.user, folder: $0.folder, keyFile: absolute($0.key),
                knownHostsFile: absolute($0.knownHosts))
        }
        reader = ledger
        writer = ledger
        self.announcer = announcer
        self.time = time
        self.logger = logger
    }

    /// What it must know after a restart.
    private struct Past {
        var triedAt: Date?
        /// The first of the failures that go on, when there are any.
        var failingSince: Date?
        /// The newest success.
        var madeAt: Date?
        /// The file name of a copy that did not reach the other host.
        var unsent: String?

        init(_ note: JSONValue?) {
            triedAt = note?["tried_at"]?.stringValue.flatMap { Date(rfc3339: $0) }
            failingSince = note?["failing_since"]?.stringValue.flatMap { Date(rfc3339: $0) }
            madeAt =
                note?["made_at"]?.stringValue.flatMap { Date(rfc3339: $0) } ?? (failingSince == nil ? triedAt : nil)
            unsent = note?["unsent"]?.stringValue
        }

        var json: JSONValue {
            var members: [String: JSONValue] = [:]
            if let triedAt { members["tried_at"] = .string(triedAt.rfc3339) }
            if let failingSince { members["failing_since"] = .string(failingSince.rfc3339) }
            if let madeAt { members["made_at"] = .string(madeAt.rfc3339) }
            if let unsent { members["unsent"] = .string(unsent) }
            return .object(members)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let pause = try await tryWhenDue()
                    try await time.sleep(for: min(pause, BackupService.longestPause))
                } catch is CancellationError {
                    return
                } catch LedgerError.closed {
                    return
                } catch {
                    logger.error("what became of a backup cannot be written", metadata: ["error": "\(error)"])
                    try? await time.sleep(for: BackupService.longestPause)  // cancelled: the loop ends
                }
            }
        }
    }

    /// Returns how long it is until the next try.
    private func tryWhenDue() async throws -> Duration {
        var past = Past(try await reader.note(BackupService.note))
        let pause = past.failingSince == nil ? settings.every : min(settings.every, BackupService.retryAfter)
        if let triedAt = past.triedAt, triedAt <= time.now {
            let left = pause - time.now.since(triedAt)
            if left > .zero { return left }
        }
        past.triedAt = time.now
        do {
            let summary = try await make(&past)
            try await succeeded(summary, past)
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as LedgerError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            try await failed((error as? Complaint)?.message ?? "\(error)", past)
        }
        return .zero
    }

    private func make(_ past: inout Past) async throws -> BackupSummary {
        if !FileManager.default.fileExists(atPath: folder) {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            } catch {
                throw Complaint("the folder \(folder) is not there and cannot be made")
            }
        }
        let summary = try await LedgerBackup.make(of: path, to: "\(folder)/\(LedgerBackup.name(at: time.now))")
        let manager = FileManager.default
        if let remote {
            // However often it is tried: one copy stands for all that did not reach the other host.
            let name = URL(filePath: summary.path).lastPathComponent
            if let unsent = past.unsent, unsent != name, manager.fileExists(atPath: "\(folder)/\(unsent)") {
                try manager.removeItem(atPath: "\(folder)/\(unsent)")
            }
            past.unsent = name
            let copy = SecureCopy(remote)
            try await copy.upload(summary.path, within: BackupService.uploadTimeout)
            let names = try await copy.names(within: BackupService.talkTimeout)
            try await copy.remove(old(names) + names.filter(isLeftOver), within: BackupService.talkTimeout)
            past.unsent = nil
        }
        // Only now: while copies do not reach the other host, none of the older ones here goes.
        let names = try manager.contentsOfDirectory(atPath: folder)
        for name in old(names) + names.filter(isLeftOver) { try manager.removeItem(atPath: "\(folder)/\(name)") }
        return summary
    }

    /// Backups that are too many, the oldest first.
    private func old(_ names: [String]) -> [String] {
        Array(names.filter(LedgerBackup.isName).sorted().dropLast(settings.keep))
    }

    /// Whether an earlier try was broken off while it wrote this.
    private func isLeftOver(_ name: String) -> Bool {
        guard let range = name.range(of: ".partial") else { return false }
        return LedgerBackup.isName(String(name[..<range.lowerBound]))
    }

    private func succeeded(_ summary: BackupSummary, _ past: Past) async throws(LedgerError) {
        logger.info("a backup is made", metadata: ["path": "\(summary.path)", "bytes": "\(summary.bytes)"])
        var past = past
        let failingSince = past.failingSince
        past.failingSince = nil
        past.madeAt = past.triedAt
        var detail: [String: JSONValue] = [
            "size": .int(summary.bytes), "sha256": .string(summary.sha256), "sequence": .int(summary.auditSequence),
        ]
        if let remote { detail["copied_to"] = .string(remote.words) }
        let change = LedgerChange(
            [.saveNote(BackupService.note, past.json)],
            audit: [
                AuditEntry(
                    time: time.now, actor: "defimon", kind: "backup.made", subject: summary.path,
                    detail: .object(detail))
            ])
        guard let failingSince else { return try await writer.commit(change) }
        let report = Report(
            mood: .success, title: "Backups work again", blocks: [.fields([.init("Newest", summary.path)])])
        try await announcer.announce(report, subject: BackupService.subject(failingSince), with: change)
    }

    private func failed(_ reason: String, _ past: Past) async throws(LedgerError) {
        logger.error("a backup failed", metadata: ["reason": "\(reason)"])
        var past = past
        let failingSince = past.failingSince ?? time.now
        past.failingSince = failingSince
        let report = Report(
            mood: .failure, title: "The ledger could not be backed up",
            blocks: [.fields([.init("Why", reason), .init("Since", failingSince.rfc3339)])])
        try await announcer.announce(
            report, subject: BackupService.subject(failingSince),
            with: LedgerChange(
                [.saveNote(BackupService.note, past.json)],
                audit: [
                    AuditEntry(
                        time: time.now, actor: "defimon", kind: "backup.failed", subject: folder,
                        detail: ["reason": .string(reason)])
                ]))
    }

    /// How old the newest copy is, and whether copies fail. A note that cannot be read is no number: the ledger's own
    /// tell of that.
    func readings() async -> [MetricReading] {
        guard let past = try? await Past(reader.note(BackupService.note)) else { return [] }
        let failing = MetricReading(
            "defimon_backup_failing", "1 while copies of the ledger fail, else 0.", past.failingSince == nil ? 0 : 1)
        guard let madeAt = past.madeAt else { return [failing] }
        return [
            failing,
            MetricReading(
                "defimon_backup_age_seconds", "Time since the newest copy of the ledger was made and handed over.",
                time.now.since(madeAt).secondsValue),
        ]
    }

    private static func subject(_ failingSince: Date) -> String { "backup/\(failingSince.microseconds)" }
}
