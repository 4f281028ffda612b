package import Domain
import Foundation

/// What a CA says went wrong (RFC 7807, RFC 8555 §6.7).
package struct ACMEProblem: Sendable, Hashable {
    /// Subproblems at most; others are left out.
    private static let mostParts = 20

    /// The short name of RFC 8555 §6.7: `rateLimited`; other types whole.
    package var type: String
    /// In the CA's words, on one line.
    package var detail: String
    /// The name it is about, if it is about one.
    package var name: String?
    /// Where people go on, for `userActionRequired`.
    package var instance: String?
    /// One for each name that has a problem of its own (RFC 8555 §6.7.1).
    package var parts: [ACMEProblem]

    /// Nil: it is no problem document.
    package init?(_ value: JSONValue?) {
        self.init(value, isPart: false)
    }

    private init?(_ value: JSONValue?, isPart: Bool) {
        guard let value, value.objectValue != nil else { return nil }
        let type = value["type"]?.stringValue ?? "about:blank"
        let prefix = "urn:ietf:params:acme:error:"
        self.type = OneLine.of(type.hasPrefix(prefix) ? String(type.dropFirst(prefix.count)) : type, atMost: 100)
        detail = OneLine.of(value["detail"]?.stringValue ?? "")
        name = value["identifier"]?["value"]?.stringValue.map { OneLine.of($0, atMost: 253) }
        instance = value["instance"]?.stringValue.map { OneLine.of($0, atMost: 300) }
        let below = isPart ? [] : value["subproblems"]?.arrayValue ?? []
        parts = below.prefix(ACMEProblem.mostParts).compactMap { ACMEProblem($0, isPart: true) }
    }

    /// What it means and what the CA says, then each name's own.
    package var words: String {
        let meaning = ProblemType.known[type]?.meaning
        let own = [name, meaning ?? (detail.isEmpty ? type : nil), detail.isEmpty ? nil : detail].compactMap(\.self)
            .joined(separator: ": ")
        return parts.isEmpty ? own : own + " (" + parts.map(\.words).joined(separator: "; ") + ")"
    }
}
