import Domain

/// Texts for Slack and from it. Everything outside text could do (mention people, link, end a code block, flood a
/// channel) is taken out here, and only here.
enum SlackText {
    /// What stands at the end of a text that was too long.
    static let cutMark = "… (cut)"

    /// Markup (mrkdwn) that shows the text as it is: `&`, `<` and `>` are escaped, which takes mentions and links away
    /// (docs.slack.dev, "Formatting message text", escaping). At most `limit` UTF-16 units, never cut within an escape.
    static func markup(_ text: String, limit: Int) -> String {
        escape(calmed(text), limit: limit)
    }

    /// The inside of a code block: as `markup`, and no run of backticks can end it.
    static func code(_ text: String, limit: Int) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in calmed(text).unicodeScalars {
            // Between two backticks stands a space of no width, so that three never meet.
            if scalar == "`", safe.last == "`" { safe.append("\u{200B}") }
            safe.append(scalar)
        }
        return escape(String(safe), limit: limit)
    }

    /// One line without control characters, at most `count` characters; not escaped.
    static func line(_ text: String, atMost count: Int) -> String {
        let scalars = text.unicodeScalars.prefix(count * 4).map { isHarmless($0) && !isLineBreak($0) ? $0 : " " }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        guard words.count > count else { return words }
        return String(words.prefix(max(0, count - cutMark.count))) + cutMark
    }

    /// What a person typed: Slack escapes these three on their way to us.
    static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    private static func escape(_ text: String, limit: Int) -> String {
        var escaped = ""
        var count = 0
        // Where the text is to end, in bytes, when it turns out to be too long.
        var end = 0
        let room = limit - cutMark.utf16.count
        // By scalars: a `<` with a combining mark behind it is one character, and no `<` to Swift.
        for scalar in text.unicodeScalars {
            let piece =
                switch scalar {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                default: String(scalar)
                }
            let size = piece.utf16.count
            guard count + size <= limit else {
                return String(decoding: escaped.utf8.prefix(end), as: UTF8.self) + cutMark
            }
            escaped += piece
            count += size
            if count <= room { end = escaped.utf8.count }
        }
        return escaped
    }

    /// The text without control and direction characters, without blanks at the ends of lines, and with at most one
    /// empty line in a row.
    private static func calmed(_ text: String) -> String {
        // A text is cut long before that many; the rest need not be looked at.
        let scalars = text.unicodeScalars.prefix(40_000)
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        func end() {
            while let last = line.last, last == " " || last == "\t" { line.removeLast() }
            let isEmpty = line.isEmpty
            if !(isEmpty && (lines.last?.isEmpty ?? true)) { lines.append(String(line)) }
            line.removeAll()
        }
        for scalar in scalars {
            if isLineBreak(scalar) { end() } else if isHarmless(scalar) { line.append(scalar) }
        }
        end()
        if lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + (text.unicodeScalars.count > 40_000 ? "\n" + cutMark : "")
    }

    private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
        [0x0a, 0x0b, 0x0c, 0x85, 0x2028, 0x2029].contains(scalar.value)
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
