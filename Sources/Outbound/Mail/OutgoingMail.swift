/// A mail as it goes over the wire: envelope and message. What a server could read in another way than we mean it is
/// not accepted here, so nothing can be smuggled behind the message's end.
package struct OutgoingMail: Sendable {
    /// The largest message, in bytes.
    package static let maxSize = 1024 * 1024
    /// Recipients of one mail.
    package static let maxRecipients = 20
    /// The longest line, in bytes without its end (RFC 5322 §2.1.1).
    package static let maxLine = 998

    /// Where servers say that a mail could not be delivered.
    package let sender: MailAddress
    package let recipients: [MailAddress]
    /// Header and body, 7-bit, lines ended by CRLF; dots are not doubled yet.
    package let message: [UInt8]

    /// Throws `MailError` (invalid) when the message is too large, is not 7-bit, or has lines that are too long or not
    /// ended by CRLF (RFC 5321 §2.3.8), or when there are no recipients or too many.
    package init(sender: MailAddress, recipients: [MailAddress], message: [UInt8]) throws(MailError) {
        guard (1...OutgoingMail.maxRecipients).contains(recipients.count) else {
            throw MailError(
                .invalid, "a mail has 1 to \(OutgoingMail.maxRecipients) recipients, not \(recipients.count)")
        }
        guard message.count <= OutgoingMail.maxSize else {
            throw MailError(
                .invalid, "the mail has \(message.count) bytes; at most \(OutgoingMail.maxSize) can be sent")
        }
        if let flaw = OutgoingMail.flaw(of: message) { throw MailError(.invalid, "the mail \(flaw)") }
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }

    private static func flaw(of message: [UInt8]) -> String? {
        guard message.count >= 2, message.suffix(2).elementsEqual([0x0d, 0x0a]) else { return "does not end with CRLF" }
        var length = 0
        var isAfterReturn = false
        for byte in message {
            switch byte {
            case 0x0d where isAfterReturn: return "has a CR without LF"
            case 0x0d: isAfterReturn = true
            case 0x0a:
                guard isAfterReturn else { return "has an LF without CR" }
                isAfterReturn = false
                length = 0
            case _ where isAfterReturn: return "has a CR without LF"
            case 0, 0x80...: return "is not 7-bit"
            default:
                length += 1
                if length > maxLine { return "has a line of more than \(maxLine) bytes" }
            }
        }
        return nil
    }
}
