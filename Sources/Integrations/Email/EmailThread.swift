import Domain

/// Names of mails (RFC 5322 §3.6.4). Both are hashes of what the ledger knows, so that a mail that is sent again after a
/// lost reply has the same name, which readers show once, and all mails about one job name the same first mail, which
/// was never sent: readers group them by it all the same.
struct EmailThread: Sendable {
    private static let escalation = "/escalation"

    /// The mail's own id.
    let messageID: String
    /// The id that all mails of the subject refer to.
    let root: String

    /// `domain` is the sender's.
    init(_ message: OutboxMessage, domain: String) {
        let subject = message.subject
        // An escalation belongs to the mails of its job.
        let base =
            subject.hasSuffix(EmailThread.escalation) ? String(subject.dropLast(EmailThread.escalation.count)) : subject
        let own = [
            String(message.id), String(message.createdAt.microseconds), message.place.address, subject,
            message.slot.rawValue,
        ]
        messageID = EmailThread.id(own, domain)
        root = EmailThread.id(["thread", base], domain)
    }

    private static func id(_ parts: [String], _ domain: String) -> String {
        let text = JSONValue.array(parts.map { .string($0) }).canonicalBytes
        return "<\(Hex.encode(SHA256Digest.of(text).prefix(16)))@\(domain)>"
    }
}
