package import Domain
package import Foundation
import GRDB

extension LedgerQueries {
    package func note(_ name: String) async throws(LedgerError) -> JSONValue? {
        try await file.read { db in
            try db.row("SELECT note FROM notes WHERE name = ?", [name.column]).map {
                try LedgerJSON.json(try PackedText.text($0["note"], in: "note \(name)"), in: "note \(name)")
            }
        }
    }

    package func notes(under beginning: String) async throws(LedgerError) -> [(name: String, note: JSONValue)] {
        try await file.read { db in
            try db.rows(
                "SELECT name, note FROM notes WHERE substr(name, 1, length(?)) = ? ORDER BY name",
                [beginning.column, beginning.column]
            ).map { row in
                let name: String = row["name"]
                return (
                    name, try LedgerJSON.json(try PackedText.text(row["note"], in: "note \(name)"), in: "note \(name)")
                )
            }
        }
    }

    package func deliveredCount(privatePlace place: Place) async throws(LedgerError) -> Int {
        try await file.read { db in
            try db.row(
                """
                SELECT count(*) AS count FROM outbox WHERE place = ? AND place GLOB '!*' AND state = 'delivered'
                """, [place.column])?["count"] ?? 0
        }
    }

    /// A message waits behind every older one of its place: one that is not due yet holds those after it.
    package func dueOutbox(now: Date, limit: Int) async throws(LedgerError) -> [OutboxMessage] {
        let now = now.microseconds
        return try await file.read { db in
            try db.rows(
                """
                WITH blocked AS MATERIALIZED (
                    SELECT place, min(position) AS first FROM outbox
                        WHERE state = 'pending' AND not_before > ? GROUP BY place)
                SELECT id, state, not_before, message FROM outbox LEFT JOIN blocked USING (place)
                    WHERE state = 'pending' AND not_before <= ? AND (first IS NULL OR position < first)
                    ORDER BY position LIMIT ?
                """, [now, now, limit]
            ).map(OutboxMessage.init(row:))
        }
    }

    /// The first message of each place decides, since the others wait behind it.
    package func nextOutboxDue() async throws(LedgerError) -> Date? {
        try await file.read { db in
            try db.row(
                """
                SELECT min(not_before) AS due FROM (
                    SELECT not_before, min(position) FROM outbox WHERE state = 'pending' GROUP BY place)
                """
            )?.optionalDate("due")
        }
    }

    package func outbox(subject: String) async throws(LedgerError) -> [OutboxMessage] {
        try await file.read { db in
            try db.rows(
                "SELECT id, state, not_before, message FROM outbox WHERE subject = ? ORDER BY id", [subject.column]
            ).map(OutboxMessage.init(row:))
        }
    }

    package func messageReference(place: Place, subject: String) async throws(LedgerError) -> String? {
        try await file.read { db in
            try db.row(
                "SELECT reference FROM messages WHERE subject = ? AND place = ?", [subject.column, place.column]
            )?["reference"]
        }
    }
}

extension OutboxMessage {
    /// Number, state and time are the columns', which change without the text.
    init(row: Row) throws {
        let id: Int64 = row["id"]
        let name = "report \(id)"
        self = try LedgerJSON.value(
            OutboxMessage.self, from: try PackedText.text(row["message"], in: name), in: name)
        self.id = id
        let stateName: String = row["state"]
        guard let state = State(rawValue: stateName) else {
            throw DamagedRow(row: name, what: "its state is unknown")
        }
        self.state = state
        notBefore = row.date("not_before")
    }
}
