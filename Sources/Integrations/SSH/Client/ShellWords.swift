/// Words for a POSIX shell: `ssh` joins what it is given by spaces, and the user's shell on the other side reads it
/// (sh(1), "Quoting").
enum ShellWords {
    /// One text that the shell reads as exactly these words.
    static func joined(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    /// Within single quotes every byte but the quote itself stands for itself.
    private static func quoted(_ word: String) -> String {
        let quote = UInt8(ascii: "'")
        var bytes: [UInt8] = [quote]
        for byte in word.utf8 {
            bytes += byte == quote ? Array("'\\''".utf8) : [byte]
        }
        bytes.append(quote)
        return String(decoding: bytes, as: UTF8.self)
    }
}
