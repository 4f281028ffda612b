import Domain
package import Outbound

/// Whom a mail is from or for: a name for people and an address (RFC 5322 §3.4, `mailbox`).
package struct Mailbox: Sendable, Hashable {
    package var name: String
    package var address: MailAddress

    package init(name: String = "", address: MailAddress) {
        self.name = name
        self.address = address
    }

    /// Reads `Defimon <defimon@example.com>` or an address alone; nil for anything else.
    package init?(_ text: String) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            guard let address = MailAddress(text) else { return nil }
            self.init(address: address)
            return
        }
        guard let address = MailAddress(String(text[text.index(after: open)...].dropLast())) else { return nil }
        var name = EmailText.line(String(text[..<open]), atMost: 100)
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = String(name.dropFirst().dropLast()) }
        guard !name.contains("<") else { return nil }
        self.init(name: name, address: address)
    }

    /// The words of which it stands in a header, each to be kept whole where a line is folded.
    var headerWords: [String] {
        let name = EmailText.line(name, atMost: 100)
        guard !name.isEmpty else { return [address.text] }
        guard !EncodedWord.isNeeded(for: name) else { return EncodedWord.words(for: name) + ["<\(address)>"] }
        let isAtoms = name.utf8.allSatisfy { $0 == 0x20 || EncodedWord.isPlain($0) }
        let quoted = "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        return (isAtoms ? name : quoted).split(separator: " ").map(String.init) + ["<\(address)>"]
    }
}
