import Domain
import GRDB

extension GroupWriter {
    /// A delivery that is there already only raises its counter. Every statement leaves nothing behind when it fails,
    /// and nothing here can be refused, so that there is no savepoint.
    mutating func insert(_ delivery: PreparedDelivery) throws -> InboxReceipt {
        let inserted = try db.change(
            """
            INSERT INTO deliveries (source, route, delivery_id, headers, packed_headers, body, body_size, body_hash,
                received_at, sender, remote_address) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            [
                delivery.source, delivery.route, delivery.deliveryID, delivery.headers.databaseValue, delivery.body,
                delivery.bodySize, delivery.bodyHash, delivery.receivedAt, delivery.sender, delivery.remoteAddress,
            ])
        guard inserted == 0 else {
            let rowID = db.lastInsertedRowID
            try chain.append(delivery.audit, subject: "delivery/\(rowID)", to: db)
            return InboxReceipt(rowID: rowID, isDuplicate: false)
        }
        let statement = try db.cachedStatement(
            sql: "UPDATE deliveries SET repeats = repeats + 1 WHERE delivery_id = ? AND source = ? RETURNING id")
        guard let rowID = try Int64.fetchOne(statement, arguments: [delivery.deliveryID, delivery.source]) else {
            throw DamagedRow(row: "a delivery of \(delivery.source)", what: "it is neither new nor there")
        }
        return InboxReceipt(rowID: rowID, isDuplicate: true)
    }

    func finishDelivery(_ rowID: Int64, _ state: DeliveryState, _ note: String?) throws {
        let changed = try db.change(
            "UPDATE deliveries SET state = ?, note = ? WHERE id = ?", [state.rawValue, note?.column, rowID])
        guard changed == 1 else { throw ChangeRefused("there is no delivery \(rowID)") }
    }

    func insert(_ row: PreparedChange.EventRow) throws {
        let inserted = try db.change(
            """
            INSERT INTO events (id, unique_key, delivery, source, kind, content_key, subject, origin, attributes,
                explanation, occurred_at, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (unique_key) DO NOTHING
            """,
            [
                row.id, row.uniqueKey.column, row.deliveryRowID, row.event.source.rawValue, row.event.kind,
                row.event.contentKey.column, row.event.subject.column, row.origin, row.attributes.databaseValue,
                row.explanation.databaseValue, row.event.occurredAt.microseconds, row.recordedAt,
            ])
        guard inserted == 1 else { throw ChangeRefused("an event with the key of event \(row.id) is there already") }
    }

    func countEvent(_ uniqueKey: String) throws {
        let changed = try db.change(
            "UPDATE events SET repeats = repeats + 1 WHERE unique_key = ?", [uniqueKey.column])
        guard changed == 1 else { throw ChangeRefused("the event to count is not there") }
    }

    func save(_ episode: Episode) throws {
        try db.run(
            """
            INSERT INTO episodes (fingerprint, number, started_at, resolved_at, last_seen_at, subject)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET started_at = excluded.started_at, resolved_at = excluded.resolved_at,
                last_seen_at = excluded.last_seen_at, subject = excluded.subject
            """,
            [
                episode.fingerprint.column, episode.number, episode.startedAt.microseconds,
                episode.resolvedAt?.microseconds, episode.lastSeenAt.microseconds, episode.subject.column,
            ])
    }
}
