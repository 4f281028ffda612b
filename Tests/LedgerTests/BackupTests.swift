import Domain
import Foundation
import GRDB
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Ledger

@Suite struct BackupTests {
    let folder: TemporaryFolder
    var ledger: String { folder.path("ledger.sqlite") }
    var backup: String { folder.path("backup.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    @Test func aBackupHoldsWhatWasCommittedBeforeItBeganWhileABotWritesOn() async throws {
        let (ledger, backup) = (ledger, backup)
        try await withLedger(at: ledger) { bot in
            let filler = JSONValue.string(String(repeating: "x", count: 20_000))
            for number in 1...200 {
                try await bot.commit(LedgerChange([.saveNote("before-\(number)", filler)], audit: [anEntry()]))
            }
            let writing = Writing()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !writing.isDone.withLock({ $0 }) {
                        let number = writing.count.withLock {
                            $0 += 1
                            return $0
                        }
                        try await bot.commit(
                            LedgerChange([.saveNote("during-\(number)", filler)], audit: [anEntry()]))
                    }
                }
                _ = await eventually { writing.count.withLock { $0 > 20 } ? true : nil }
                let acknowledged = writing.count.withLock { $0 } - 1
                let summary = try await LedgerBackup.make(of: ledger, to: backup)
                writing.isDone.withLock { $0 = true }
                try await group.waitForAll()
                let copy = try SQLiteLedger.readOnly(path: backup)
                for name in (1...200).map({ "before-\($0)" }) + (1...acknowledged).map({ "during-\($0)" }) {
                    let note = try await copy.note(name)
                    #expect(note == filler, "\(name)")
                }
                let verdict = try await copy.verifyAudit()
                #expect(verdict == .intact(records: summary.auditSequence))
                #expect(summary.auditSequence >= 200 + Int64(acknowledged))
                #expect(summary.bytes > 200 * 200)
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted().filter {
                $0.hasPrefix("backup")
            } == ["backup.sqlite"])
    }

    @Test func aBackupIsOneFileThatOnlyItsOwnerCanRead() async throws {
        try await withLedger(at: ledger) { try await $0.commit(LedgerChange(audit: [anEntry()])) }
        let summary = try await LedgerBackup.make(of: ledger, to: backup)
        let mode = try FileManager.default.attributesOfItem(atPath: backup)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(summary.auditSequence == 1)
        #expect(summary.newestRecord == noon)
        let checked = try await LedgerBackup.check(backup)
        #expect(checked == summary)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).allSatisfy {
                !$0.contains("partial") && !$0.hasPrefix("backup.sqlite-")
            })
    }

    @Test func aFileThatIsThereIsNotOverwritten() async throws {
        try await withLedger(at: ledger) { try await $0.commit(LedgerChange(audit: [anEntry()])) }
        try folder.write("mine", to: "backup.sqlite")
        let error = await #expect(throws: BackupError.self) { try await LedgerBackup.make(of: ledger, to: backup) }
        #expect(error?.reason.contains("there is a file of that name") == true)
        #expect(try String(contentsOfFile: backup, encoding: .utf8) == "mine")
    }

    @Test func aLedgerThatABotHasKilledIsBackedUpWithItsLog() async throws {
        let copy = folder.path("killed.sqlite")
        let path = ledger
        try await withLedger(at: path) { ledger in
            try await ledger.commit(LedgerChange(audit: [anEntry(), anEntry()]))
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
        }
        let summary = try await LedgerBackup.make(of: copy, to: backup)
        #expect(summary.auditSequence == 2)
    }

    @Test(arguments: ["page", "cut", "record", "header", "stranger", "empty", "missing", "newer", "in use"])
    func aBadBackupIsRefusedAndTheLedgerStays(damage: String) async throws {
        try await withLedger(at: ledger) { ledger in
            let filler = JSONValue.string(
                String((0..<60_000).map { _ in Character(.init(UInt8.random(in: 97...122))) }))
            try await ledger.commit(LedgerChange([.saveNote("filler", filler)], audit: [anEntry(), anEntry()]))
        }
        _ = try await LedgerBackup.make(of: ledger, to: backup)
        let before = try Data(contentsOf: URL(filePath: ledger))
        let words = try harm(damage)
        let error = await #expect(throws: BackupError.self) { try await restore() }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        let after = try Data(contentsOf: URL(filePath: ledger))
        #expect(after == before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).allSatisfy {
                !$0.contains("restor")
            })
    }

    private func harm(_ damage: String) throws -> String {
        let file = URL(filePath: backup)
        var bytes = try Data(contentsOf: file)
        func sql(_ text: String) throws { try DatabaseQueue(path: backup).write { try $0.execute(sql: text) } }
        switch damage {
        case "page":
            // The pages of the audit's tree and of the schema's are all used.
            for page in stride(from: 8192, to: bytes.count, by: 8192) { bytes[page] = 0xEE }
            try bytes.write(to: file)
            return "damaged"
        case "cut":
            try bytes.prefix(bytes.count - 8192 * 2).write(to: file)
            return "damaged"
        case "record":
            try sql("DROP TRIGGER audit_is_never_changed; UPDATE audit SET detail = '{\"x\":2}' WHERE seq = 2")
            return "its audit is broken at record 2: its detail is not what was written"
        case "header":
            bytes[0] = 0
            try bytes.write(to: file)
            return "it is not an SQLite database"
        case "stranger":
            try FileManager.default.removeItem(at: file)
            try sql("CREATE TABLE t (x)")
            return "but not a ledger"
        case "empty":
            try Data().write(to: file)
            return "it is empty"
        case "missing":
            try FileManager.default.removeItem(at: file)
            return "there is no such file"
        case "newer":
            try sql("INSERT INTO grdb_migrations VALUES ('of tomorrow')")
            return "newer version"
        default:
            try Data([1]).write(to: URL(filePath: backup + "-wal"))
            return "it is a ledger in use and no backup"
        }
    }

    @discardableResult
    private func restore(at time: Date = noon) async throws -> RestoreSummary {
        try await LedgerRestore.restore(
            backup, to: ledger, by: "olivia", time: VirtualTime(now: time),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func aRestoreKeepsTheOldLedgerAndSaysInTheNewOneWhatTookPlace() async throws {
        try await withLedger(at: ledger) { ledger in
            try await ledger.commit(LedgerChange([.saveNote("n", "early")], audit: [anEntry()]))
        }
        _ = try await LedgerBackup.make(of: ledger, to: backup)
        try await withLedger(at: ledger) { ledger in
            try await ledger.commit(LedgerChange([.saveNote("n", "late")], audit: [anEntry(), anEntry()]))
        }
        let later = noon.advanced(by: .seconds(3600))
        let summary = try await restore(at: later)
        #expect(summary.point == RestorePoint(at: later, from: backup, sequence: 1, madeAt: noon))
        let aside = try #require(summary.keptAside)
        #expect(aside.hasPrefix(ledger + ".before-restore-"))
        // What a reader of the old ledger left beside it went with it.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter {
                !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
            }.sorted()
                == ["backup.sqlite", "ledger.sqlite", URL(filePath: aside).lastPathComponent, "ledger.sqlite-lock"]
                .sorted())
        #expect(!FileManager.default.fileExists(atPath: ledger + "-wal"))
        let old = try SQLiteLedger.readOnly(path: aside)
        let late = try await old.note("n")
        let oldVerdict = try await old.verifyAudit()
        #expect(late == "late")
        #expect(oldVerdict == .intact(records: 3))
        try await withLedger(at: ledger) { ledger in
            let early = try await ledger.note("n")
            let point = RestorePoint(try await ledger.note(RestorePoint.note))
            let freeze = Freeze(try await ledger.note(Freeze.note))
            #expect(early == "early")
            #expect(point == summary.point)
            #expect(freeze?.by == "olivia")
            #expect(freeze?.reason.contains("restored from a backup of 2026") == true)
            let records = try await ledger.audit(AuditFilter(kind: "ledger.restored"))
            #expect(records.map(\.sequence) == [2])
            #expect(records.first?.detail["sequence"] == 1)
            let verdict = try await ledger.verifyAudit()
            #expect(verdict == .intact(records: 3))
        }
        let mode = try FileManager.default.attributesOfItem(atPath: ledger)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func theLogOfTheOldLedgerIsKeptWithItAndNotTakenForTheNewOnes() async throws {
        let path = ledger
        try await withLedger(at: folder.path("other.sqlite")) { other in
            try await other.commit(LedgerChange([.saveNote("n", "other")], audit: [anEntry()]))
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: folder.path("other.sqlite") + suffix, toPath: path + suffix)
            }
        }
        try await withLedger(at: folder.path("third.sqlite")) { third in
            try await third.commit(LedgerChange([.saveNote("n", "third")], audit: [anEntry()]))
        }
        _ = try await LedgerBackup.make(of: folder.path("third.sqlite"), to: backup)
        let aside = try #require(try await restore().keptAside)
        let old = try await SQLiteLedger.readOnly(path: aside).note("n")
        let new = try await SQLiteLedger.readOnly(path: ledger).note("n")
        #expect(old == "other")
        #expect(new == "third")
    }

    @Test func nothingIsRestoredUnderARunningBot() async throws {
        let (ledger, backup) = (ledger, backup)
        try await withLedger(at: ledger) { bot in
            try await bot.commit(LedgerChange(audit: [anEntry()]))
            _ = try await LedgerBackup.make(of: ledger, to: backup)
            let error = await #expect(throws: BackupError.self) { try await restore() }
            #expect(error?.reason.contains("stop the bot first") == true)
            try await bot.commit(LedgerChange(audit: [anEntry()]))
        }
    }

    @Test func anInterruptedRestoreKeepsTheBotOffAndIsDoneAgain() async throws {
        try await withLedger(at: ledger) { try await $0.commit(LedgerChange(audit: [anEntry()])) }
        _ = try await LedgerBackup.make(of: ledger, to: backup)
        // As it is when the power goes between the two names.
        try FileManager.default.moveItem(atPath: ledger, toPath: ledger + ".before-restore-1")
        try Data().write(to: URL(filePath: ledger + "-restoring"))
        let error = #expect(throws: LedgerOpenError.self) { _ = try openLedger(at: ledger) }
        #expect(error?.reason.contains("run `defimon restore` again") == true)
        #expect(!FileManager.default.fileExists(atPath: ledger))
        let summary = try await restore()
        #expect(summary.keptAside == nil)
        try await withLedger(at: ledger) { ledger in
            let verdict = try await ledger.verifyAudit()
            #expect(verdict == .intact(records: 3))
        }
    }

    @Test func aDamagedLedgerRefusesToStartAndSaysHowToRestore() async throws {
        try await withLedger(at: ledger) { ledger in
            for number in 0..<50 {
                try await ledger.commit(
                    LedgerChange([.saveNote("n\(number)", .string(UUID().uuidString))], audit: [anEntry()]))
            }
        }
        _ = try await LedgerBackup.make(of: ledger, to: backup)
        let file = URL(filePath: ledger)
        var bytes = try Data(contentsOf: file)
        for page in stride(from: 8192 * 4, to: bytes.count, by: 8192) { bytes[page] = 0xEE }
        try bytes.write(to: file)
        let error = #expect(throws: LedgerOpenError.self) { _ = try openLedger(at: ledger) }
        #expect(error?.reason.contains("it is damaged") == true)
        #expect(error?.reason.contains("defimon restore --from") == true)
        // Neither does a backup of it come about.
        await #expect(throws: BackupError.self) {
            try await LedgerBackup.make(of: ledger, to: folder.path("bad.sqlite"))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("bad.sqlite")))
        try await restore()
        try await withLedger(at: ledger) { ledger in
            let note = try await ledger.note("n49")
            #expect(note != nil)
        }
    }

    @Test func namesOfBackupsSortByTimeAndAreKnownAgain() {
        let name = LedgerBackup.name(at: Date(microseconds: 1_790_000_000_123_457))
        #expect(name == "defimon-2026-09-21T141320Z.sqlite")
        #expect(LedgerBackup.isName(name))
        #expect(!LedgerBackup.isName("defimon-important.sqlite"))
        #expect(!LedgerBackup.isName(name + ".partial-1"))
    }
}

/// A writer that goes on until it is told to end.
private final class Writing: Sendable {
    let isDone = Mutex(false)
    let count = Mutex(0)
}
