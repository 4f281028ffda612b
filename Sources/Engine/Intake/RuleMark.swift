import Domain
import Foundation

/// When a rule matched last, and what became of that; a note of the ledger.
struct RuleMark: Codable, Hashable {
    /// How the names of the notes begin.
    static let beginning = "match/"

    /// In microseconds since 1970-01-01T00:00:00Z.
    var atMicroseconds: Int64
    var event: Int64
    var decision: String

    init(at: Date, event: Int64, decision: String) {
        atMicroseconds = at.microseconds
        self.event = event
        self.decision = decision
    }

    var at: Date { Date(microseconds: atMicroseconds) }

    /// Names of rules are their source's own.
    static func note(_ rule: RuleDefinition) -> String { "\(beginning)\(rule.source)/\(rule.name)" }

    func write(_ note: String) -> LedgerWrite {
        .saveNote(
            note, ["atMicroseconds": .int(atMicroseconds), "event": .int(event), "decision": .string(decision)])
    }

    /// Reads a note; nil when there is none, or one of another version.
    init?(_ note: JSONValue?) {
        guard let note, let mark = try? note.decode(RuleMark.self) else { return nil }
        self = mark
    }
}
