import CFloor
import Dispatch
import NIOCore
import Synchronization

/// Writes deliveries to an SQLite file: all that wait in one transaction with one full flush, one row each.
final class GroupedInserts: Sendable {
    struct Insert: Sendable {
        var deliveryID: String
        var body: ByteBuffer
        /// Told after the commit, whether the row is on the disk.
        var done: @Sendable (Bool) -> Void
    }

    private struct State {
        var waiting: [Insert] = []
        var isWriting = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "writer")
    // Used on `queue` alone.
    private nonisolated(unsafe) let database: OpaquePointer
    private nonisolated(unsafe) let statement: OpaquePointer

    init(path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open(path, &opened) == SQLITE_OK, let database = opened else { throw FloorError("cannot open") }
        self.database = database
        let schema = """
            PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE deliveries (id INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL UNIQUE, body BLOB NOT NULL)
            """
        guard sqlite3_exec(database, schema, nil, nil, nil) == SQLITE_OK else { throw FloorError("cannot set up") }
        var prepared: OpaquePointer?
        sqlite3_prepare_v2(
            database, "INSERT INTO deliveries (delivery_id, body) VALUES (?, ?) ON CONFLICT DO NOTHING", -1, &prepared,
            nil)
        guard let statement = prepared else { throw FloorError("cannot prepare") }
        self.statement = statement
    }

    func add(_ insert: Insert) {
        let mustStart = state.withLock { state in
            state.waiting.append(insert)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { queue.async { self.writeAll() } }
    }

    private func writeAll() {
        while let group = next() {
            let isCommitted = write(group)
            for insert in group { insert.done(isCommitted) }
        }
    }

    private func next() -> [Insert]? {
        state.withLock { state in
            let group = state.waiting
            state.waiting = []
            state.isWriting = !group.isEmpty
            return group.isEmpty ? nil : group
        }
    }

    private func write(_ group: [Insert]) -> Bool {
        guard sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK else { return false }
        for insert in group {
            guard write(insert) else {
                sqlite3_exec(database, "ROLLBACK", nil, nil, nil)
                return false
            }
        }
        return sqlite3_exec(database, "COMMIT", nil, nil, nil) == SQLITE_OK
    }

    private func write(_ insert: Insert) -> Bool {
        defer { sqlite3_reset(statement) }
        // Both outlive the step, so that SQLite needs no copy (its destructor is nil).
        return insert.deliveryID.withCString { id in
            insert.body.withUnsafeReadableBytes { body in
                sqlite3_bind_text(statement, 1, id, -1, nil)
                sqlite3_bind_blob(statement, 2, body.baseAddress, Int32(body.count), nil)
                return sqlite3_step(statement) == SQLITE_DONE
            }
        }
    }
}
