import Domain
import GRDB

extension GroupWriter {
    /// A `main` message takes the place of one that still waits: its position, so that no message of the thread
    /// overtakes it, and its time, so that a channel's `Retry-After` holds for it too.
    func enqueue(_ message: OutboxMessage, _ text: PackedText) throws {
        let place = message.place.column
        let subject = message.subject.column
        var position: Int64?
        var notBefore = message.notBefore.microseconds
        if message.slot == .main {
            let statement = try db.cachedStatement(
                sql: """
                    SELECT min(position) AS position, max(not_before) AS not_before FROM outbox
                        WHERE place = ? AND subject = ? AND slot = 'main' AND state = 'pending'
                    """)
            if let row = try Row.fetchOne(statement, arguments: [place, subject]), let first: Int64 = row["position"] {
                position = first
                notBefore = max(notBefore, row["not_before"])
                try db.run(
                    """
                    UPDATE outbox SET state = 'merged'
                        WHERE place = ? AND subject = ? AND slot = 'main' AND state = 'pending'
                    """, [place, subject])
            }
        }
        try db.run(
            """
            INSERT INTO outbox (position, place, subject, slot, state, not_before, message)
                VALUES (coalesce(?, (SELECT coalesce(max(id), 0) + 1 FROM outbox)), ?, ?, ?, ?, ?, ?)
            """,
            [
                position, place, subject, message.slot.rawValue, message.state.rawValue, notBefore,
                text.databaseValue,
            ])
    }

    /// A message that was replaced while it was being tried stays replaced, unless it was delivered; the one that
    /// replaced it waits as long as it would have.
    func save(_ message: OutboxMessage, _ text: PackedText, _ reference: String?) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE outbox SET not_before = ?, message = ?,
                    state = CASE WHEN state = 'merged' AND ? <> 'delivered' THEN 'merged' ELSE ? END
                    WHERE id = ? RETURNING state
                """)
        let state = message.state.rawValue
        let stored = try String.fetchOne(
            statement,
            arguments: [message.notBefore.microseconds, text.databaseValue, state, state, message.id])
        guard let stored else { throw ChangeRefused("there is no report \(message.id)") }
        if stored == OutboxMessage.State.merged.rawValue, message.state == .pending {
            try db.run(
                """
                UPDATE outbox SET not_before = max(not_before, ?)
                    WHERE place = ? AND subject = ? AND slot = 'main' AND state = 'pending'
                """, [message.notBefore.microseconds, message.place.column, message.subject.column])
        }
        guard let reference, message.slot == .main else { return }
        try db.run(
            """
            INSERT INTO messages (subject, place, reference) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET reference = excluded.reference
            """, [message.subject.column, message.place.column, reference.column])
    }
}
