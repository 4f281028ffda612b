import Foundation

/// How a text travels in 7-bit lines (RFC 2045 §6).
enum TransferEncoding: String, Sendable {
    case sevenBit = "7bit"
    case quotedPrintable = "quoted-printable"
    case base64

    /// Characters of an encoded line (RFC 2045 §6.7 (5), §6.8).
    private static let line = 76

    /// The encoding in which a text stays readable and small. What travels as it is holds no `=_`, so no boundary, and
    /// nothing that a server or a mailbox on the way would change.
    static func best(for text: String) -> TransferEncoding {
        let bytes = text.utf8
        let beyond = bytes.count { $0 >= 0x80 }
        if beyond * 4 > bytes.count { return .base64 }
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let isPlain =
            beyond == 0 && !text.contains("=_")
            && bytes.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0a }
            && lines.allSatisfy { $0.count <= line && $0.last != 0x20 && !$0.starts(with: "From ".utf8) }
        return isPlain ? .sevenBit : .quotedPrintable
    }

    /// The text encoded, with lines ended by CRLF. It ends with a line feed, and its line feeds are its line ends.
    func encode(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let canonical = lines.joined(separator: "\r\n")
        switch self {
        case .sevenBit: return canonical
        case .quotedPrintable: return lines.map { TransferEncoding.quoted($0.utf8) }.joined(separator: "\r\n")
        case .base64:
            return Data(canonical.utf8).base64EncodedString(
                options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed]) + "\r\n"
        }
    }

    private static func quoted(_ bytes: Substring.UTF8View) -> String {
        var result = ""
        var length = 0
        for (index, byte) in zip(bytes.indices, bytes) {
            let isLast = bytes.index(after: index) == bytes.endIndex
            let isPlain =
                (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "=") || (byte == 0x20 || byte == 0x09) && !isLast
            // A line that begins with "From " is changed by servers that keep mail in mbox files.
            let isFrom = index == bytes.startIndex && bytes.starts(with: "From ".utf8)
            let piece =
                isPlain && !isFrom
                ? String(Unicode.Scalar(byte))
                : "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            // The `=` of a soft break needs a place, too.
            if length + piece.utf8.count > line - (isLast ? 0 : 1) {
                result += "=\r\n"
                length = 0
            }
            result += piece
            length += piece.utf8.count
        }
        return result
    }
}
