package import Foundation

/// What a job must be allowed before it starts, and what people have said so far. It holds for one plan: another plan
/// begins anew.
package struct JobApproval: Sendable, Codable, Hashable {
    /// Who asked must say so once more before anybody else is asked.
    package var asksForConfirmation = false
    /// Where it was asked, when that was in a channel: it is confirmed there.
    package var askedIn: Place?
    package var confirmedAt: Date?
    /// What it would change; nil until that is known.
    package var plan: JobPlan?
    /// Of these one must be filled; empty: nobody else is asked.
    package var sets: [ApprovalSet] = []
    /// At most one of each person, the latest.
    package var votes: [ApprovalVote] = []
    /// Since when people are asked, and the first moment at which it is too late.
    package var askedAt: Date?
    package var until: Date?
    /// Why people are asked again, and how the plan differs from the one before.
    package var difference: [String] = []
    /// Everybody has said what they had to, or nobody had to.
    package var isSettled = false

    package init() {}

    /// Whether who asked must still say so once more.
    package var lacksConfirmation: Bool { asksForConfirmation && confirmedAt == nil }
}

/// One set of approvals, as a job keeps it.
package struct ApprovalSet: Sendable, Codable, Hashable {
    package var need: Int
    /// Any one of these roles makes an approver; empty: everybody known.
    package var from: [String]
    package var withinMilliseconds: Int64
    /// So many denials end this set.
    package var deny: Int
    package var allowsOwn: Bool

    package init(need: Int, from: [String], withinMilliseconds: Int64, deny: Int, allowsOwn: Bool) {
        self.need = need
        self.from = from
        self.withinMilliseconds = withinMilliseconds
        self.deny = deny
        self.allowsOwn = allowsOwn
    }
}

/// What one person said about a job.
package struct ApprovalVote: Sendable, Codable, Hashable {
    package enum Verdict: String, Sendable, Codable, Hashable {
        case approves, denies
    }

    /// The id in the settings.
    package var person: String
    package var identity: Identity
    /// Those that the person had then.
    package var roles: [String]
    package var verdict: Verdict
    package var reason: String?
    package var at: Date

    package init(
        person: String, identity: Identity, roles: [String], verdict: Verdict, reason: String?, at: Date
    ) {
        self.person = person
        self.identity = identity
        self.roles = roles
        self.verdict = verdict
        self.reason = reason
        self.at = at
    }
}

/// What a job would change, computed before it starts.
package struct JobPlan: Sendable, Codable, Hashable {
    /// What one step would change.
    package struct Part: Sendable, Codable, Hashable {
        package var name: String
        /// The first 16 digits of a SHA-256 over its inputs and all of its changes.
        package var hash: String
        /// One line a change, for people; cut where they are many.
        package var lines: [String]

        package init(name: String, hash: String, lines: [String]) {
            self.name = name
            self.hash = hash
            self.lines = lines
        }
    }

    /// Lines that are kept of one plan, and characters of one.
    package static let mostLines = 100
    package static let longestLine = 300

    /// SHA-256 in hexadecimal over the canonical JSON of the command's version, the arguments, and of each step its
    /// inputs as filled in and its changes.
    package var hash: String
    package var changes: Int
    /// How many of the changes take something away.
    package var deletions: Int
    package var parts: [Part]

    package init(hash: String, changes: Int, deletions: Int, parts: [Part]) {
        self.hash = hash
        self.changes = changes
        self.deletions = deletions
        self.parts = parts
    }

    /// By which people and buttons name it.
    package var shortHash: String { String(hash.prefix(8)) }

    /// The lines in which this plan differs from an earlier one: `+` is new, `-` is gone.
    package func difference(from old: JobPlan) -> [String] {
        var lines: [String] = []
        for part in parts {
            guard let before = old.parts.first(where: { $0.name == part.name }) else {
                lines.append("+ \(part.name)")
                lines += part.lines.map { "+   \($0)" }
                continue
            }
            guard before.hash != part.hash else { continue }
            let new = part.lines.filter { !before.lines.contains($0) }
            let gone = before.lines.filter { !part.lines.contains($0) }
            lines.append("  \(part.name)")
            lines += gone.map { "-   \($0)" } + new.map { "+   \($0)" }
            if new.isEmpty, gone.isEmpty { lines.append("    its inputs, or what is not shown here, are others") }
        }
        for part in old.parts where !parts.contains(where: { $0.name == part.name }) { lines.append("- \(part.name)") }
        if lines.isEmpty { lines = ["  the definition of the command is another"] }
        return Array(lines.prefix(JobPlan.mostLines))
    }
}
