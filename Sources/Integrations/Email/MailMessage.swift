import Domain
import Outbound

/// A message with a plain and an HTML part that say the same (RFC 5322, RFC 2046 §5.1.4): 7-bit, in lines of at most 78
/// characters wherever the header allows it, and of the same bytes each time it is made of the same content.
struct MailMessage: Sendable {
    /// The header's fields but for those of MIME.
    var headers: [MailHeader]
    var text: String
    var html: String

    /// Header and body, lines ended by CRLF. Throws `MailError` (invalid) when a header holds what no header may hold.
    func encoded() throws(MailError) -> [UInt8] {
        var result = ""
        for header in headers { result += try header.encoded() }
        let parts = [("text/plain", canonical(text)), ("text/html", canonical(html))]
        // No encoded part can hold `=_`, so none can hold this.
        let digest = SHA256Digest.of(Array((result + parts.map(\.1).joined()).utf8))
        let boundary = "=_" + Hex.encode(digest.prefix(12))
        result += try MailHeader("MIME-Version", .verbatim("1.0")).encoded()
        result += try MailHeader("Content-Type", .verbatim("multipart/alternative; boundary=\"\(boundary)\"")).encoded()
        for (type, content) in parts {
            let encoding = TransferEncoding.best(for: content)
            result += "\r\n--\(boundary)\r\nContent-Type: \(type); charset=\"utf-8\"\r\n"
            result += "Content-Transfer-Encoding: \(encoding.rawValue)\r\n\r\n\(encoding.encode(content))"
        }
        return Array((result + "\r\n--\(boundary)--\r\n").utf8)
    }

    /// Every line end as one line feed, and one at the end.
    private func canonical(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return lines.hasSuffix("\n") ? lines : lines + "\n"
    }
}
