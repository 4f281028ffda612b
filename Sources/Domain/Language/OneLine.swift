/// Texts of outside systems for people.
package enum OneLine {
    /// One line without control characters, cut.
    package static func of(_ text: String, atMost longest: Int = 500) -> String {
        let words = text.split { $0.isWhitespace || $0.isNewline || $0.unicodeScalars.allSatisfy { $0.value < 0x20 } }
        let line = words.joined(separator: " ")
        return line.count > longest ? line.prefix(longest - 1) + "…" : line
    }
}
