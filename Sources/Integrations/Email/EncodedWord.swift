import Foundation

/// Text beyond ASCII in headers (RFC 2047).
enum EncodedWord {
    /// Characters of one word. The standard allows 75, and 76 of a line that holds one: with 60 each fits behind the
    /// name of every header of ours.
    static let longest = 60
    private static let start = "=?utf-8?"
    private static let payload = longest - start.utf8.count - 4

    /// Whether the text cannot stand as it is: it is not printable ASCII, a reader would decode a part of it, or a word
    /// is too long for a line.
    static func isNeeded(for text: String) -> Bool {
        text.utf8.contains { !(0x20...0x7e).contains($0) } || text.contains("=?") || text.contains("  ")
            || text.hasPrefix(" ") || text.hasSuffix(" ")
            || text.utf8.split(separator: 0x20).contains { $0.count > longest }
    }

    /// The words that together mean the text; readers drop the blanks between them.
    static func words(for text: String) -> [String] {
        let isQ = quoted(text).utf8.count <= (text.utf8.count + 2) / 3 * 4
        return pieces(of: text, isQ).map { piece in
            "\(start)\(isQ ? "q" : "b")?\(isQ ? quoted(piece) : Data(piece.utf8).base64EncodedString())?="
        }
    }

    /// The text in pieces that fit into a word each, never cut within a character, or at least never within a scalar.
    private static func pieces(of text: String, _ isQ: Bool) -> [String] {
        func fits(_ piece: String) -> Bool {
            (isQ ? quoted(piece).utf8.count : (piece.utf8.count + 2) / 3 * 4) <= payload
        }
        var pieces: [String] = []
        var piece = ""
        func add(_ part: String) {
            if !piece.isEmpty, !fits(piece + part) {
                pieces.append(piece)
                piece = ""
            }
            piece += part
        }
        for character in text {
            let whole = String(character)
            if fits(whole) { add(whole) } else { for scalar in whole.unicodeScalars { add(String(scalar)) } }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    /// The Q encoding, with the characters that may stand in a display name too (RFC 2047 §4.2, §5 (3)).
    private static func quoted(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if byte == 0x20 {
                result += "_"
            } else if isPlain(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// Letters, digits and what means nothing anywhere in a header.
    static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || "!*+-/".utf8.contains(byte)
    }
}
