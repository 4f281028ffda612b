import Foundation
import Outbound

/// One field of a message's header (RFC 5322 §2.2), folded so that no line is longer than 78 characters where it can be.
struct MailHeader: Sendable, Hashable {
    enum Value: Sendable, Hashable {
        /// Text for people, which may hold anything.
        case text(String)
        case mailboxes([Mailbox])
        /// Message ids, with their angle brackets.
        case ids([String])
        case date(Date)
        /// What has a grammar of its own: printable ASCII, folded at blanks.
        case verbatim(String)
    }

    /// Characters of a line (RFC 5322 §2.1.1).
    private static let line = 78

    var name: String
    var value: Value

    init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// The field with its CRLF. Throws `MailError` (invalid) when it would be another field, or more than one.
    func encoded() throws(MailError) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }) else {
            throw MailError(.invalid, "the mail has a header without a proper name")
        }
        var result = "\(name):"
        var length = result.utf8.count
        for word in words {
            guard !word.isEmpty, word.utf8.count < 900, word.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                throw MailError(.invalid, "the mail's header \(name) holds what no header may hold")
            }
            if length + 1 + word.utf8.count > MailHeader.line, length > name.utf8.count + 1 {
                result += "\r\n"
                length = 0
            }
            result += " " + word
            length += 1 + word.utf8.count
        }
        return result + "\r\n"
    }

    private var words: [String] {
        switch value {
        case .text(let text):
            EncodedWord.isNeeded(for: text)
                ? EncodedWord.words(for: text) : text.split(separator: " ").map(String.init)
        case .mailboxes(let mailboxes):
            mailboxes.enumerated().flatMap { index, mailbox in
                var words = mailbox.headerWords
                if index < mailboxes.count - 1 { words[words.count - 1] += "," }
                return words
            }
        case .ids(let ids): ids
        case .date(let date): [MailHeader.text(of: date)]
        case .verbatim(let text): text.split(separator: " ").map(String.init)
        }
    }

    /// `Sun, 01 Mar 2026 10:15:30 +0000` (RFC 5322 §3.3).
    private static func text(of date: Date) -> String {
        let parts = Calendar(identifier: .gregorian).dateComponents(in: .gmt, from: date)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        return "\(days[((parts.weekday ?? 1) - 1) % 7]), \(two(parts.day)) \(months[((parts.month ?? 1) - 1) % 12])"
            + " \(parts.year ?? 1970) \(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }
}
