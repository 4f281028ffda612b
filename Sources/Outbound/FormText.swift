import Domain
import Foundation

/// Text in URLs and forms.
package enum FormText {
    /// Percent-encoded but for the unreserved characters (RFC 3986 §2.3) and those that are kept.
    package static func encoded(_ text: String, keeping kept: String = "") -> String {
        var encoded = ""
        for byte in text.utf8 {
            let isUnreserved =
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-._~".utf8.contains(byte) || kept.utf8.contains(byte)
            encoded +=
                isUnreserved
                ? String(Character(Unicode.Scalar(byte))) : "%" + Hex.encode([byte]).uppercased()
        }
        return encoded
    }

    /// A body of `application/x-www-form-urlencoded`.
    package static func form(_ members: [(String, String)]) -> [UInt8] {
        Array(members.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&").utf8)
    }
}
