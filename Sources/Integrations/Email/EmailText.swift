import Domain

/// Texts for mails. Everything outside text could do (end a header, flood a mail, turn the direction of what follows,
/// get past the escaping of HTML) is taken out here, and only here.
enum EmailText {
    /// What stands at the end of a text that was too long.
    static let cutMark = "… (cut)"

    /// One line without control characters, at most `count` characters.
    static func line(_ text: String, atMost count: Int) -> String {
        let scalars = text.unicodeScalars.prefix(count * 8).map { isHarmless($0) && !isLineBreak($0) ? $0 : " " }
        let words = String(String.UnicodeScalarView(scalars)).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        guard words.count > count || text.unicodeScalars.count > count * 8 else { return words }
        return String(words.prefix(max(0, count - cutMark.count))) + cutMark
    }

    /// Whether the text can stand in a mail as it is, in one line.
    static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { isHarmless($0) && !isLineBreak($0) }
    }

    /// The text without control and direction characters, without blanks at the ends of lines, with at most one empty
    /// line in a row and none at its ends. At most `count` Unicode scalars of it are looked at; then it is cut.
    static func calmed(_ text: String, atMost count: Int) -> String {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        func end() {
            while let last = line.last, last == " " || last == "\t" { line.removeLast() }
            if !(line.isEmpty && (lines.last?.isEmpty ?? true)) { lines.append(String(line)) }
            line.removeAll()
        }
        var isAfterReturn = false
        for scalar in text.unicodeScalars.prefix(count) {
            if isLineBreak(scalar) {
                if scalar != "\n" || !isAfterReturn { end() }
            } else if isHarmless(scalar) {
                line.append(scalar)
            }
            isAfterReturn = scalar == "\r"
        }
        end()
        if lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + (text.unicodeScalars.count > count ? "\n" + cutMark : "")
    }

    /// Text that the HTML template will escape. The template looks at characters, and some scalars make one character
    /// with a `<` behind them, which then would not be escaped: a space of no width parts them.
    static func forMarkup(_ text: String) -> String {
        guard text.contains(where: hidesMarkup) else { return text }
        var result = ""
        for character in text {
            guard hidesMarkup(character) else {
                result.append(character)
                continue
            }
            for scalar in character.unicodeScalars {
                result += isMarkup(scalar) ? "\u{200B}\(scalar)\u{200B}" : String(scalar)
            }
        }
        return result
    }

    private static func hidesMarkup(_ character: Character) -> Bool {
        let scalars = character.unicodeScalars
        return scalars.count > 1 && scalars.contains(where: isMarkup)
    }

    private static func isMarkup(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "<", ">", "&", "\"", "'": true
        default: false
        }
    }

    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        [0x0a, 0x0b, 0x0c, 0x0d, 0x85, 0x2028, 0x2029].contains(scalar.value)
    }

    /// Neither a control character (but for the tab) nor one that turns the direction of what follows.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: true
        case 0..<0x20, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: false
        default: true
        }
    }
}
