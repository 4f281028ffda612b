import Foundation

/// A public key in OpenSSH's form, as `ssh-keygen` writes it to `NAME.pub` (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"):
/// everybody may read it, wherever it is kept.
package enum PublicKeyText {
    /// Whether a text is one such key and nothing else: a type, its data, and perhaps a word of comment. The data names
    /// the type too (RFC 4253 §6.6), which no private key does in its beginning.
    package static func isOne(_ text: String) -> Bool {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count == 1 else { return false }
        let words = lines[0].split(separator: " ")
        guard (2...3).contains(words.count), (1...100).contains(words[0].utf8.count),
            let data = Data(base64Encoded: String(words[1]))
        else { return false }
        let type = Array(words[0].utf8)
        return Array(data.prefix(4 + type.count)) == [0, 0, 0, UInt8(type.count)] + type
    }
}
