/// An address that mail can be sent to: `local@domain` of RFC 5321 §4.1.2, the part of it that is in use. The local part
/// is a dot-string of at most 64 bytes, the domain letters, digits and hyphens; there are no quoted strings, no address
/// literals and no characters beyond ASCII, so nothing in it can end a line, a command or an address list.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The longest address, in bytes (RFC 5321 §4.5.3.1.3 without the angle brackets).
    package static let longest = 254

    package let text: String

    /// Nil when the text is no such address.
    package init?(_ text: String) {
        guard text.utf8.count <= MailAddress.longest, let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else {
            return nil
        }
        let local = text.utf8[..<at]
        let domain = text.utf8[text.utf8.index(after: at)...]
        guard (1...64).contains(local.count), MailAddress.isDotString(local), MailAddress.isDomain(domain) else {
            return nil
        }
        self.text = text
    }

    /// What stands behind the `@`.
    package var domain: String { String(text.split(separator: "@").last ?? "") }

    package var description: String { text }

    private static func isDotString(_ local: Substring.UTF8View) -> Bool {
        local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
        }
    }

    /// Whether the bytes are a domain's name (RFC 5321 §2.3.5).
    private static func isDomain(_ domain: Substring.UTF8View) -> Bool {
        domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
