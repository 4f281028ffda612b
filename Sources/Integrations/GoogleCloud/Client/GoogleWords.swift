import Domain

/// Texts of Google's for people.
enum GoogleWords {
    /// One line without control characters, cut.
    static func line(_ text: String, atMost longest: Int = 500) -> String {
        let words = text.split { $0.isWhitespace || $0.isNewline || $0.unicodeScalars.allSatisfy { $0.value < 0x20 } }
        let line = words.joined(separator: " ")
        return line.count > longest ? line.prefix(longest - 1) + "…" : line
    }
}
