import Domain

/// What an event leads to.
struct EventOutcome {
    /// As it is stored with the event.
    var explanation: JSONValue
    var change = LedgerChange()
    var made: [JobFactory.Made] = []
    var work: [RequestDesk.Work] = []
    /// Of the rules that matched, by the names of their notes.
    var marks: [String: RuleMark] = [:]

    /// What the audit keeps of it: what was decided, and the SHA-256 of the stored explanation, which has every rule with
    /// all that its matchers saw. The explanation stays as long as the event does, so that saying it twice proves no more.
    func auditDetail(subject: String, delivery: Int64) -> JSONValue {
        var detail: [String: JSONValue] = [
            "subject": .string(subject), "delivery": .int(delivery),
            "explanation_sha256": .string(Hex.encode(SHA256Digest.of(explanation.canonicalBytes))),
        ]
        if let rules = explanation["rules"]?.arrayValue {
            detail["rules"] = .int(Int64(rules.count))
            let decided = rules.compactMap { rule -> (String, JSONValue)? in
                guard let name = rule["rule"]?.stringValue, let decision = rule["decision"] else { return nil }
                return (name, decision)
            }
            if !decided.isEmpty {
                detail["decided"] = .object(Dictionary(decided, uniquingKeysWith: { first, _ in first }))
            }
        } else {
            detail["decision"] = explanation
        }
        return .object(detail)
    }
}
