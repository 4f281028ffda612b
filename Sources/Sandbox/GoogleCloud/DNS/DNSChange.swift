import Domain

/// A change of records.
struct DNSChange: Sendable {
    var id: String
    var additions: [JSONValue]
    var deletions: [JSONValue]
    var start: String
    /// When it is done, in microseconds since 1970.
    var doneAt: Int64
    /// What the sender calls it; empty: nothing.
    var clientID: String
    var digest: String

    func json(now: Int64) -> JSONValue {
        let isDone = now >= doneAt
        var members: [String: JSONValue] = [
            "kind": "dns#change", "id": .string(id), "startTime": .string(start),
            "status": isDone ? "done" : "pending", "isServing": .bool(isDone),
        ]
        if !additions.isEmpty { members["additions"] = .array(additions) }
        if !deletions.isEmpty { members["deletions"] = .array(deletions) }
        return .object(members)
    }
}
