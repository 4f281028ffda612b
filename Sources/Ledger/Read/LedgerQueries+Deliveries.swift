package import Domain
import Foundation
import GRDB

extension LedgerQueries {
    package func undecodedDeliveries(limit: Int) async throws(LedgerError) -> [StoredDelivery] {
        try await file.read { db in
            try db.rows("SELECT * FROM deliveries WHERE state = 'received' ORDER BY id LIMIT ?", [limit])
                .map(StoredDelivery.init(row:))
        }
    }

    package func delivery(rowID: Int64) async throws(LedgerError) -> StoredDelivery? {
        try await file.read { db in
            try db.row("SELECT * FROM deliveries WHERE id = ?", [rowID]).map(StoredDelivery.init(row:))
        }
    }

    package func hasDelivery(_ deliveryID: String, from source: Source) async throws(LedgerError) -> Bool {
        try await file.read { db in
            try db.row(
                "SELECT 1 FROM deliveries WHERE delivery_id = ? AND source = ?",
                [deliveryID.column, source.rawValue.column]) != nil
        }
    }

    package func deliveries(deliveryID: String) async throws(LedgerError) -> [StoredDelivery] {
        try await file.read { db in
            try db.rows("SELECT * FROM deliveries WHERE delivery_id = ? ORDER BY id LIMIT 100", [deliveryID.column])
                .map(StoredDelivery.init(row:))
        }
    }

    package func events(deliveryRowID: Int64) async throws(LedgerError) -> [StoredEvent] {
        try await file.read { db in
            try db.rows("SELECT * FROM events WHERE delivery = ? ORDER BY id LIMIT 1000", [deliveryRowID])
                .map(StoredEvent.init(row:))
        }
    }

    package func hasEvent(uniqueKey: String) async throws(LedgerError) -> Bool {
        try await file.read { db in
            try db.row("SELECT 1 FROM events WHERE unique_key = ?", [uniqueKey.column]) != nil
        }
    }

    package func storedEvents(among uniqueKeys: [String]) async throws(LedgerError) -> Set<String> {
        // By what a column holds, since that may differ from the key.
        let keys = Dictionary(uniqueKeys.map { ($0.column, $0) }, uniquingKeysWith: { first, _ in first })
        let list = JSONValue.array(keys.keys.map(JSONValue.string)).canonicalText
        return try await file.read { db in
            let rows = try db.rows(
                "SELECT unique_key FROM events WHERE unique_key IN (SELECT value FROM json_each(?))", [list])
            return Set(rows.compactMap { keys[$0["unique_key"]] })
        }
    }

    package func eventID(uniqueKey: String) async throws(LedgerError) -> Int64? {
        try await file.read { db in
            try db.row("SELECT id FROM events WHERE unique_key = ?", [uniqueKey.column]).map { $0["id"] }
        }
    }

    package func event(id: Int64) async throws(LedgerError) -> StoredEvent? {
        try await file.read { db in
            try db.row("SELECT * FROM events WHERE id = ?", [id]).map(StoredEvent.init(row:))
        }
    }

    package func events(limit: Int, before: Int64?) async throws(LedgerError) -> [StoredEvent] {
        try await file.read { db in
            try db.rows(
                "SELECT * FROM events WHERE id < ? ORDER BY id DESC LIMIT ?", [before ?? Int64.max, limit]
            ).map(StoredEvent.init(row:))
        }
    }

    package func episode(fingerprint: String) async throws(LedgerError) -> Episode? {
        try await file.read { db in
            try db.row(
                "SELECT * FROM episodes WHERE fingerprint = ? ORDER BY number DESC LIMIT 1", [fingerprint.column]
            ).map { row in
                Episode(
                    fingerprint: row["fingerprint"], number: row["number"], startedAt: row.date("started_at"),
                    resolvedAt: row.optionalDate("resolved_at"), lastSeenAt: row.date("last_seen_at"),
                    subject: row["subject"])
            }
        }
    }
}

extension Row {
    /// A column of microseconds.
    func date(_ column: String) -> Date { Date(microseconds: self[column]) }

    func optionalDate(_ column: String) -> Date? {
        let microseconds: Int64? = self[column]
        return microseconds.map { Date(microseconds: $0) }
    }
}

extension StoredDelivery {
    /// A body that the retention removed reads as empty.
    init(row: Row) throws {
        let rowID: Int64 = row["id"]
        let name = "delivery \(rowID)"
        let headers = try StoredDelivery.headers(row, in: name)
        let stateName: String = row["state"]
        guard let state = DeliveryState(rawValue: stateName) else {
            throw DamagedRow(row: name, what: "its state is unknown")
        }
        let delivery = Delivery(
            source: Source(row["source"]), route: row["route"], headers: headers.mapValues(\.plainText),
            body: try StoredDelivery.body(row["body"], size: row["body_size"], in: name),
            receivedAt: row.date("received_at"), remoteAddress: row["remote_address"])
        self.init(
            rowID: rowID, delivery: delivery, deliveryID: row["delivery_id"], state: state, repeats: row["repeats"],
            note: row["note"])
    }

    private static func headers(_ row: Row, in name: String) throws(DamagedRow) -> [String: JSONValue] {
        let packed: DatabaseValue = row["packed_headers"]
        let text = packed.isNull ? row["headers"] : try PackedText.text(packed, in: name)
        return try LedgerJSON.json(text, in: name).objectValue ?? [:]
    }

    private static func body(_ stored: Data?, size: Int, in name: String) throws(DamagedRow) -> [UInt8] {
        guard let stored else { return [] }
        if stored.count == size { return [UInt8](stored) }
        guard let body = Zlib.decompress([UInt8](stored), size: size) else {
            throw DamagedRow(row: name, what: "its body cannot be unpacked")
        }
        return body
    }
}

extension StoredEvent {
    init(row: Row) throws {
        let id: Int64 = row["id"]
        let name = "event \(id)"
        let event = Event(
            source: Source(row["source"]), kind: row["kind"], contentKey: row["content_key"],
            subject: row["subject"], occurredAt: row.date("occurred_at"),
            attributes: try LedgerJSON.json(try PackedText.text(row["attributes"], in: name), in: name),
            origin: try LedgerJSON.value(EventOrigin.self, from: row["origin"], in: name))
        self.init(
            id: id, deliveryRowID: row["delivery"], event: event, repeats: row["repeats"],
            explanation: try LedgerJSON.json(try PackedText.text(row["explanation"], in: name), in: name))
    }
}
