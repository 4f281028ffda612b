import Domain
import Foundation

/// What a rotation of several certificates has done, for people.
struct RotationReport: Sendable {
    private let outcomes: [Rotation.Outcome]
    private let now: Date

    init(_ outcomes: [Rotation.Outcome], now: Date) {
        self.outcomes = outcomes
        self.now = now
    }

    /// A line for each certificate with which something was done or is to be said.
    var lines: [String] { outcomes.flatMap(lines) }

    private func lines(_ outcome: Rotation.Outcome) -> [String] {
        var lines: [String] = []
        let certificate = outcome.record.current ?? outcome.record.next
        if outcome.isIssued, let certificate {
            lines.append(
                "\(outcome.name): new certificate \(certificate.serialNumber) by \(certificate.issuer), until "
                    + "\(certificate.notAfter.rfc3339.prefix(10))")
        }
        if !outcome.installing.installed.isEmpty {
            lines.append("\(outcome.name): installed in \(outcome.installing.installed.joined(separator: ", "))")
        }
        lines += outcome.installing.proofs.map { "\(outcome.name): \($0)" }
        lines += outcome.installing.notes.map { "\(outcome.name): \($0)" }
        if let wait = outcome.wait { lines.append("\(outcome.name): \(CertificateKeeper.words(wait))") }
        return lines
    }

    private var summary: String {
        let issued = outcomes.filter(\.isIssued).map(\.name)
        let places = outcomes.reduce(0) { $0 + $1.installing.installed.count }
        guard !issued.isEmpty || places > 0 else {
            let soonest = outcomes.compactMap { outcome in
                outcome.record.current.map { (outcome.name, RenewalWindow.renewal(of: $0, outcome.record.window)) }
            }.min { $0.1 < $1.1 }
            let next = soonest.map { "; \($0.0) is next, on \($0.1.rfc3339.prefix(10))" } ?? ""
            return "no certificate is due\(next)"
        }
        let new = issued.isEmpty ? "no new certificate" : "new: \(issued.joined(separator: ", "))"
        return "\(new); installed in \(places == 1 ? "1 place" : "\(places) places")"
    }

    var outputs: JSONValue {
        let isQuietWait = !outcomes.contains { $0.wait != nil }
        return [
            "changes": .int(Int64(outcomes.reduce(0) { $0 + $1.changes })),
            "issued": .array(outcomes.filter(\.isIssued).map { .string($0.name) }),
            "summary": .string(summary), "table": .string(lines.joined(separator: "\n")),
            "tell": .bool(!isQuietWait),
        ]
    }
}
