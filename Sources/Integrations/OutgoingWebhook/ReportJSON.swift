import Domain
import Foundation

/// A report as JSON, version 1; `docs/operating.md` has its shape for those who write receivers. Texts are data and not
/// escaped for any markup: that is the receiver's to do.
struct ReportJSON: Sendable {
    /// The largest body that is sent, in bytes.
    static let largest = 512_000
    /// The longest plain text of a report that is too large as it is, in bytes.
    static let cutText = 64_000

    /// The body. A report that is too large has its text cut and no blocks, and says `truncated`.
    static func body(of message: OutboxMessage) -> [UInt8] {
        let whole = document(message, isTruncated: false).canonicalBytes
        return whole.count <= largest ? whole : document(message, isTruncated: true).canonicalBytes
    }

    private static func document(_ message: OutboxMessage, isTruncated: Bool) -> JSONValue {
        let report = message.report
        let text = report.plainText
        var members: [String: JSONValue] = [
            "version": 1,
            "delivery": .string(String(message.id)),
            "time": .string(message.createdAt.rfc3339),
            "subject": .string(isTruncated ? BoundedText.cut(message.subject, toBytes: 1000) : message.subject),
            "slot": .string(message.slot.rawValue),
            "mood": .string(report.mood.rawValue),
            "title": .string(isTruncated ? BoundedText.cut(report.title, toBytes: 1000) : report.title),
            "text": .string(isTruncated ? BoundedText.cut(text, toBytes: cutText) : text),
            "blocks": .array(isTruncated ? [] : report.blocks.map(block)),
            "truncated": .bool(isTruncated),
        ]
        if let job = message.jobNumber { members["job"] = .int(job) }
        return .object(members)
    }

    private static func block(_ block: Report.Block) -> JSONValue {
        switch block {
        case .text(let text): ["type": "text", "text": .string(text)]
        case .code(let text): ["type": "code", "text": .string(text)]
        case .fields(let fields):
            [
                "type": "fields",
                "fields": .array(fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
            ]
        case .steps(let steps):
            [
                "type": "steps",
                "steps": .array(
                    steps.map {
                        [
                            "state": .string($0.state.rawValue), "name": .string($0.name),
                            "note": .string($0.note),
                        ]
                    }),
            ]
        case .offers(let offers):
            [
                "type": "offers",
                "offers": .array(
                    offers.map { ["label": .string($0.label), "command": .string($0.commandLine)] }),
            ]
        }
    }
}

extension OutboxMessage {
    /// The number in `job/42` and `job/42/escalation`; nil when the message is about something else.
    var jobNumber: Int64? {
        let parts = subject.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "job" else { return nil }
        return Int64(parts[1])
    }
}
