import Foundation

/// The textual encoding of keys (RFC 7468).
enum PEMBlock {
    /// The bytes of the text's only block, when it has this label.
    static func contents(of text: String, label: String) -> [UInt8]? {
        let lines = text.split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty }
        guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
            let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
        else { return nil }
        return Array(data)
    }

    /// One block, for contents of up to 48 bytes.
    static func text(_ bytes: [UInt8], label: String) -> String {
        "-----BEGIN \(label)-----\n\(Data(bytes).base64EncodedString())\n-----END \(label)-----\n"
    }
}
