import Domain
import Foundation

/// A report as an event of PagerDuty's Events API v2 (developer.pagerduty.com, "Events API v2", "Send an Alert Event").
struct PagerDutyEvent: Sendable {
    /// PagerDuty's own address; accounts in the EU have `https://events.eu.pagerduty.com/v2/enqueue`.
    static let enqueueURL = "https://events.pagerduty.com/v2/enqueue"
    /// Characters of a summary and of a dedup_key.
    static let longestSummary = 1024
    static let longestKey = 255
    /// The longest text among the details, in bytes, so that an event stays far below PagerDuty's 512 KB whatever is
    /// escaped in it.
    static let longestText = 64_000

    enum Action: Sendable, Hashable {
        case trigger(severity: String)
        case resolve
    }

    /// What a message means to people on call; nil: nothing.
    static func action(for message: OutboxMessage) -> Action? {
        switch (message.slot, message.report.mood) {
        case (.thread, _): nil
        case (_, .failure): .trigger(severity: "critical")
        case (_, .success): .resolve
        // A message of its own that warns has nothing after it that would say more; a job's message has.
        case (.single, .warning): .trigger(severity: "warning")
        case (_, .info), (_, .waiting), (_, .running), (.main, .warning): nil
        }
    }

    /// The body of the request.
    static func body(_ action: Action, for message: OutboxMessage, source: String, routingKey: Secret) -> [UInt8] {
        var event: [String: JSONValue] = [
            "routing_key": .string(routingKey.reveal()),
            "dedup_key": .string(dedupKey(message.subject, source: source)),
            "client": "Defimon",
        ]
        switch action {
        case .resolve: event["event_action"] = "resolve"
        case .trigger(let severity):
            event["event_action"] = "trigger"
            event["payload"] = payload(message, severity: severity, source: source)
        }
        return JSONValue.object(event).canonicalBytes
    }

    /// The same for all messages about one subject; an escalation is about the same as its job's message.
    static func dedupKey(_ subject: String, source: String) -> String {
        let end = "/escalation"
        let about = subject.hasSuffix(end) ? String(subject.dropLast(end.count)) : subject
        let key = "\(source)/\(about)"
        let isPlain = key.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard !isPlain || key.utf8.count > longestKey else { return key }
        // Cut or spelt otherwise, two subjects could become one: the hash keeps them apart.
        let hash = Hex.encode(SHA256Digest.of(Array(key.utf8)))
        let start = key.utf8.filter { (0x21...0x7e).contains($0) }.prefix(longestKey - hash.utf8.count - 1)
        return String(decoding: start, as: UTF8.self) + "-" + hash
    }

    private static func payload(_ message: OutboxMessage, severity: String, source: String) -> JSONValue {
        let summary = BoundedText.line(message.report.title, atMost: longestSummary)
        var details: [String: JSONValue] = [
            "subject": .string(BoundedText.cut(message.subject, toBytes: 1000)),
            "text": .string(BoundedText.cut(message.report.plainText, toBytes: longestText)),
        ]
        if let job = message.jobNumber { details["job"] = .int(job) }
        return [
            // PagerDuty refuses an empty one.
            "summary": .string(summary.isEmpty ? "Defimon needs a person" : summary),
            "source": .string(source), "severity": .string(severity),
            "timestamp": .string(message.createdAt.rfc3339), "component": "defimon",
            "custom_details": .object(details),
        ]
    }
}
