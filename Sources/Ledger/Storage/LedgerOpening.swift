import Domain
import Foundation
import GRDB

/// How the file is opened, for writing and for reading alone.
enum LedgerOpening {
    /// The page size of new files, bytes: three compressed pushes of 9 kB fit, of which a page of 4 KiB holds one.
    private static let pageSize = 8192
    /// Files up to this size are checked before the start, larger ones beside it.
    static let checkedBeforeStart = 256 * 1024 * 1024
    /// What a person does with a damaged ledger.
    static let howToRestore = "put the newest backup in its place with `defimon restore --from <backup>`"
    /// How long a statement waits for another process's lock, seconds.
    private static let busyTimeout = 5.0

    /// Why no file can be made beside a ledger, as `errno`; 0 when one can. SQLite's own words do not tell a read-only
    /// file system from a broken one.
    static func folderError(of path: String) -> Int32 {
        let probe = "\(path)-probe-\(getpid())"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        unlink(probe)
        return 0
    }

    /// The connections of a running bot.
    struct Connections: Sendable {
        var pool: DatabasePool
        /// A second connection that does nothing but checkpoints.
        var checkpointer: DatabaseQueue
        /// Bytes of the file when it was opened.
        var size: Int
    }

    /// The lock that keeps other writers off, in a folder that must be there.
    static func lock(path: String) throws(LedgerOpenError) -> LockFile {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw LedgerOpenError(path: path, reason: "there is no folder \(folder): make it, owned by the bot's user")
        }
        return try LockFile(path: path + "-lock", ledger: path)
    }

    static func forWriting(path: String) throws(LedgerOpenError) -> Connections {
        if FileManager.default.fileExists(atPath: LedgerRestore.mark(of: path)) {
            throw LedgerOpenError(path: path, reason: "a restore of it was interrupted: run `defimon restore` again")
        }
        let size = try createIfMissing(path)
        if size > 0 {
            do { try checkHeader(path) } catch {
                throw LedgerOpenError(path: path, reason: "\(error.reason); where it was one, \(howToRestore)")
            }
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(label: "ledger"))
            try pool.writeWithoutTransaction { db in try setUpWriter(db, path: path) }
            if size <= checkedBeforeStart { try pool.read { db in try quickCheck(db, path: path) } }
            try pool.read { db in try checkVersion(db, path: path, mustBeCurrent: false) }
            try LedgerSchema.migrator.migrate(pool)
            let checkpointer = try DatabaseQueue(path: path, configuration: configuration(label: "ledger-checkpoint"))
            return Connections(pool: pool, checkpointer: checkpointer, size: size)
        } catch let error as LedgerOpenError {
            throw error
        } catch {
            throw LedgerOpenError(path: path, error)
        }
    }

    static func forReading(path: String) throws(LedgerOpenError) -> LedgerFile {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerOpenError(path: path, reason: "there is no such file")
        }
        try checkHeader(path)
        do {
            let queue = try readOnly(path: path)
            try queue.read { db in try checkVersion(db, path: path, mustBeCurrent: true) }
            return LedgerFile(path: path, reader: queue)
        } catch let error as LedgerOpenError {
            throw error
        } catch {
            throw LedgerOpenError(path: path, error)
        }
    }

    /// A connection for a backup, also of a ledger that an older version wrote.
    static func forCopying(path: String) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerOpenError(path: path, reason: "there is no such file")
        }
        try checkHeader(path)
        let queue = try readOnly(path: path)
        try queue.read { db in try checkVersion(db, path: path, mustBeCurrent: false) }
        return queue
    }

    static func readOnly(path: String) throws -> DatabaseQueue {
        var configuration = configuration(label: "ledger-reader")
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Throws when the database's pages do not hang together. Reads the whole file.
    static func quickCheck(_ db: Database, path: String) throws {
        let answer = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard answer == "ok" else {
            throw LedgerOpenError(path: path, reason: "it is damaged: \(howToRestore) (\(answer))")
        }
    }

    private static func configuration(label: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = label
        configuration.busyMode = .timeout(busyTimeout)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            if !db.configuration.readonly {
                try db.execute(sql: "PRAGMA page_size = \(pageSize); PRAGMA wal_autocheckpoint = 0")
            }
        }
        return configuration
    }

    /// After the pool is open, since opening it sets `synchronous = NORMAL`, under which a commit is not flushed.
    private static func setUpWriter(_ db: Database, path: String) throws {
        try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192")
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        guard synchronous == 2, journal == "wal" else {
            throw LedgerOpenError(
                path: path,
                reason: "SQLite does not flush each commit: synchronous is \(synchronous.map(String.init) ?? "unknown")"
                    + " and must be 2, journal_mode is \(journal ?? "unknown") and must be wal, which a network file"
                    + " system cannot do")
        }
    }

    static func checkVersion(_ db: Database, path: String, mustBeCurrent: Bool) throws {
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE type = 'table'") ?? 0
        let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        if tables > 0, id != LedgerSchema.applicationID, try isUnfinished(db) == false {
            throw LedgerOpenError(path: path, reason: "it is an SQLite database, but not a ledger")
        }
        if try LedgerSchema.migrator.hasBeenSuperseded(db) {
            throw LedgerOpenError(path: path, reason: "it was written by a newer version of defimon")
        }
        if mustBeCurrent, try LedgerSchema.migrator.hasCompletedMigrations(db) == false {
            throw LedgerOpenError(
                path: path, reason: "it is empty, or of an older version: `defimon serve` brings it up to date")
        }
    }

    /// Whether a first start ended between making the table of migrations and the first of them.
    private static func isUnfinished(_ db: Database) throws -> Bool {
        try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'") == ["grdb_migrations"]
            && Int.fetchOne(db, sql: "SELECT count(*) FROM grdb_migrations") == 0
    }

    /// Looks at the first bytes, before SQLite would change anything (https://www.sqlite.org/fileformat.html §1.3).
    static func checkHeader(_ path: String) throws(LedgerOpenError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw LedgerOpenError(path: path, reason: "it cannot be read: look at its owner and mode")
        }
        let header: [UInt8]
        do {
            header = [UInt8](try file.read(upToCount: 100) ?? Data())
            try file.close()
        } catch {
            throw LedgerOpenError(path: path, reason: "it cannot be read: look at its owner and mode")
        }
        if header.isEmpty { return }
        guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw LedgerOpenError(path: path, reason: "it is not an SQLite database")
        }
        let id = header[68..<72].reduce(0) { $0 << 8 | Int($1) }
        guard id == 0 || id == LedgerSchema.applicationID else {
            throw LedgerOpenError(path: path, reason: "it is an SQLite database, but not a ledger")
        }
    }

    /// Makes an empty file that only its owner can read, and flushes its name. Returns the size of what is there.
    private static func createIfMissing(_ path: String) throws(LedgerOpenError) -> Int {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failed(path, "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed(path, "look at") }
        if status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 { throw failed(path, "set mode 0600 of") }
        if status.st_size == 0 {
            let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard folderDescriptor >= 0 else { throw failed(folder, "open") }
            defer { close(folderDescriptor) }
            guard fsync(folderDescriptor) == 0 else { throw failed(folder, "flush") }
        }
        return Int(status.st_size)
    }

    private static func failed(_ path: String, _ what: String) -> LedgerOpenError {
        LedgerOpenError(path: path, reason: "cannot \(what) it: \(String(cString: strerror(errno)))")
    }
}
