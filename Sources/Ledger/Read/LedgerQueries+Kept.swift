package import Domain
import GRDB

extension LedgerQueries {
    package func keptValue(_ key: String) async throws(LedgerError) -> KeptValue? {
        try await file.read { db in
            try db.row("SELECT key, job, requester, set_at, size, value FROM kept WHERE key = ?", [key.column])
                .map { try KeptValue(row: $0) }
        }
    }

    package func keptValues(under beginning: String, limit: Int) async throws(LedgerError) -> [KeptValue] {
        try await file.read { db in
            try db.rows(
                """
                SELECT key, job, requester, set_at, size, iif(size <= ?, value, NULL) AS value FROM kept
                    WHERE substr(key, 1, length(?)) = ? ORDER BY key LIMIT ?
                """, [KeptValue.largestShown, beginning.column, beginning.column, limit]
            ).map { try KeptValue(row: $0) }
        }
    }
}

extension KeptValue {
    fileprivate init(row: Row) throws {
        let key: String = row["key"]
        let name = "kept value \(key)"
        let stored: DatabaseValue = row["value"]
        let value = stored.isNull ? nil : try LedgerJSON.json(try PackedText.text(stored, in: name), in: name)
        self.init(
            key: key, value: value, size: row["size"], jobID: row["job"], requester: row["requester"],
            setAt: row.date("set_at"))
    }
}
