/// Cuts texts to what a receiver takes.
enum BoundedText {
    /// What stands at the end of a text that was too long.
    static let cutMark = "… (cut)"

    /// At most `bytes` bytes of UTF-8, never cut within a character.
    static func cut(_ text: String, toBytes bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        let room = max(0, bytes - cutMark.utf8.count)
        var kept = 0
        var end = text.startIndex
        for index in text.indices {
            let next = text.index(after: index)
            kept += text[index..<next].utf8.count
            guard kept <= room else { break }
            end = next
        }
        return String(text[..<end]) + cutMark
    }

    /// One line without control characters, at most `count` UTF-16 units.
    static func line(_ text: String, atMost count: Int) -> String {
        let scalars = text.unicodeScalars.prefix(count * 4).map { isHarmless($0) ? $0 : " " }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        guard words.utf16.count > count else { return words }
        let room = max(0, count - cutMark.utf16.count)
        var line = ""
        var size = 0
        for character in words {
            size += character.utf16.count
            guard size <= room else { break }
            line.append(character)
        }
        return line + cutMark
    }

    /// Neither a control character, a line separator nor one that turns the direction of what follows.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: false
        default: true
        }
    }
}
