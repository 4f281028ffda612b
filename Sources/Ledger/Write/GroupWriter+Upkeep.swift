import Domain
import GRDB

extension GroupWriter {
    func saveNote(_ name: String, _ text: PackedText?) throws {
        guard let text else { return try db.run("DELETE FROM notes WHERE name = ?", [name.column]) }
        try db.run(
            "INSERT INTO notes (name, note) VALUES (?, ?) ON CONFLICT DO UPDATE SET note = excluded.note",
            [name.column, text.databaseValue])
    }

    mutating func apply(_ upkeep: PendingWrite.Upkeep) throws -> Int {
        switch upkeep {
        case .probe(let time):
            try db.run("UPDATE meta SET value = ? WHERE name = 'probe'", [time])
            return 0
        case .removeBodies(let before, let now, let limit):
            return try removeBodies(before: before, now: now, limit: limit)
        }
    }

    /// Goes on behind the last row that it looked at before; one that waits to be decoded stops it, since its body is
    /// needed. The hash stays.
    private mutating func removeBodies(before: Int64, now: Int64, limit: Int) throws -> Int {
        let rows = try Row.fetchAll(
            try db.cachedStatement(
                sql: """
                    SELECT id FROM deliveries
                        WHERE id > (SELECT value FROM meta WHERE name = 'bodies_removed_through')
                        AND id < coalesce((SELECT min(id) FROM deliveries WHERE state = 'received'), 9e18)
                        ORDER BY id LIMIT ?
                    """), arguments: [limit])
        guard let first: Int64 = rows.first?["id"], let last: Int64 = rows.last?["id"] else { return 0 }
        // Rows are in the order of their arrival but for clock steps, so the first that is too young ends the walk.
        let end = try Int64.fetchOne(
            db, sql: "SELECT min(id) FROM deliveries WHERE id BETWEEN ? AND ? AND received_at >= ?",
            arguments: [first, last, before])
        let through = end.map { $0 - 1 } ?? last
        guard through >= first else { return 0 }
        let removed = try db.change(
            "UPDATE deliveries SET body = NULL WHERE id BETWEEN ? AND ? AND body IS NOT NULL", [first, through])
        try db.run("UPDATE meta SET value = ? WHERE name = 'bodies_removed_through'", [through])
        guard removed > 0 else { return 0 }
        let detail: JSONValue = [
            "count": .int(Int64(removed)), "first": .int(first), "last": .int(through),
            "received_before_us": .int(before),
        ]
        try chain.append(
            PreparedAudit(
                time: now, actor: "defimon", kind: "delivery.bodies-removed", subject: "deliveries",
                detail: detail.canonicalText), to: db)
        return removed
    }
}
