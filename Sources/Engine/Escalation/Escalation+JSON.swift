import Domain
import Foundation

extension Escalation {
    /// Reads a note; nil when it is none, such as one that was removed.
    init?(_ note: JSONValue) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { Date(microseconds: try Int64(from: $0)) }
        // What cannot be read is no escalation: its job is found by its own means.
        guard let found = try? decoder.decode(Escalation.self, from: Data(note.canonicalBytes)) else { return nil }
        self = found
    }

    /// As the ledger keeps it.
    var json: JSONValue {
        get throws {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .custom { date, encoder in try date.microseconds.encode(to: encoder) }
            return try JSONValue(parsing: Array(encoder.encode(self)))
        }
    }

    /// The write that keeps it.
    var saved: [LedgerWrite] {
        // Whole numbers, texts and lists: there is nothing in it that could not be written.
        (try? json).map { [.saveNote(note, $0)] } ?? []
    }
}
