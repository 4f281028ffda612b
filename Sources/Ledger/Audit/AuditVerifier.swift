import Crypto
import Domain
import GRDB
import GRDBSQLite

/// Walks the hash chain. Reads columns in place: a ledger holds millions of records.
struct AuditVerifier {
    private var sequence: Int64 = 0
    private var hash = [UInt8](repeating: 0, count: 32)

    static func verify(_ db: Database) throws -> AuditVerdict {
        let statement = try db.makeStatement(
            sql: "SELECT seq, record, detail, previous, hash FROM audit ORDER BY seq")
        let handle = statement.sqliteStatement
        defer { sqlite3_reset(handle) }
        var verifier = AuditVerifier()
        while true {
            let code = sqlite3_step(handle)
            if code == SQLITE_DONE { return .intact(records: verifier.sequence) }
            guard code == SQLITE_ROW else {
                throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "reading the audit")
            }
            if let verdict = verifier.next(handle) { return verdict }
        }
    }

    /// Looks at one row. Nil when it is the next one of the chain.
    private mutating func next(_ row: SQLiteStatement) -> AuditVerdict? {
        let found = sqlite3_column_int64(row, 0)
        let expected = sequence + 1
        func broken(_ what: String) -> AuditVerdict { .broken(sequence: expected, what: what) }
        guard found == expected else { return broken("the record is missing; the next one there is \(found)") }
        guard sqlite3_column_type(row, 2) == SQLITE_TEXT else { return broken("its detail is missing") }
        let record = AuditVerifier.bytes(row, 1)
        guard AuditVerifier.bytes(row, 3).elementsEqual(hash) else {
            return broken("the link is broken: it does not follow the record before")
        }
        var hasher = SHA256()
        hash.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        hasher.update(bufferPointer: record)
        let computed = hasher.finalize()
        let isSame = computed.withUnsafeBytes { $0.elementsEqual(AuditVerifier.bytes(row, 4)) }
        guard isSame else { return broken("the record was altered: its hash is another one") }
        guard let fields = AuditRecordText(record), fields.sequence == expected else {
            return broken("the record was altered: it is not record \(expected)")
        }
        guard fields.hasDetailHash(of: AuditVerifier.bytes(row, 2)) else {
            return broken("the detail was altered: its hash is not the record's")
        }
        sequence = expected
        hash.withUnsafeMutableBytes { target in computed.withUnsafeBytes { target.copyMemory(from: $0) } }
        return nil
    }

    /// A column's bytes, which are good until the next step.
    private static func bytes(_ row: SQLiteStatement, _ column: Int32) -> UnsafeRawBufferPointer {
        // The blob first, then its length, as SQLite's documentation of sqlite3_column_bytes says.
        let start = sqlite3_column_blob(row, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(row, column)))
    }
}
