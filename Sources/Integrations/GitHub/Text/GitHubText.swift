/// Texts from outside, made harmless: without control and direction characters, and of bounded length.
enum GitHubText {
    /// What stands at the end of a text that was too long.
    static let cutMark = "… (cut)"

    /// One line, blanks merged, at most `count` characters.
    static func line(_ text: String, atMost count: Int) -> String {
        if isPlainLine(text, atMost: count) { return text }
        let scalars = text.unicodeScalars.prefix(count * 4).map { isHarmless($0) && !isLineBreak($0) ? $0 : " " }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        let isWhole = words.count <= count && text.unicodeScalars.count <= count * 4
        return isWhole ? words : String(words.prefix(max(0, count - cutMark.count))) + cutMark
    }

    /// Whether a text is such a line already, as nearly all are.
    private static func isPlainLine(_ text: String, atMost count: Int) -> Bool {
        guard text.utf8.count <= count else { return false }
        var isAfterBlank = true
        for byte in text.utf8 {
            guard (0x20...0x7e).contains(byte), !(byte == 0x20 && isAfterBlank) else { return false }
            isAfterBlank = byte == 0x20
        }
        return !isAfterBlank
    }

    /// The first line of a text.
    static func firstLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix { !isLineBreak($0) && $0 != "\r" }))
    }

    /// Several lines without blanks at their ends and with at most one empty line in a row; at most `count` characters.
    static func lines(_ text: String, atMost count: Int) -> String {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        func end() {
            while let last = line.last, last == " " || last == "\t" { line.removeLast() }
            let isEmpty = line.isEmpty
            if !(isEmpty && (lines.last?.isEmpty ?? true)) { lines.append(String(line)) }
            line.removeAll()
        }
        let scalars = text.unicodeScalars.prefix(count * 4)
        for scalar in scalars {
            if isLineBreak(scalar) { end() } else if isHarmless(scalar) { line.append(scalar) }
        }
        end()
        if lines.last == "" { lines.removeLast() }
        let calm = lines.joined(separator: "\n")
        let isWhole = calm.count <= count && scalars.count == text.unicodeScalars.count
        return isWhole ? calm : String(calm.prefix(max(0, count - cutMark.count))) + cutMark
    }

    static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        [0x0a, 0x0b, 0x0c, 0x85, 0x2028, 0x2029].contains(scalar.value)
    }

    /// Neither a control character (but for the tab) nor one that turns the direction of what follows.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: true
        case 0..<0x20, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: false
        default: true
        }
    }
}
