import Domain
import Foundation

/// Texts from outside in GitHub's Markdown (github.github.com/gfm). Whatever such a text could do (mention people, refer
/// to issues, link under another name, show pictures, end a code block, bring HTML along) is taken out here, and only
/// here. Addresses of web pages stay clickable.
struct GitHubMarkdown: Sendable {
    /// A space of no width. Where it stands, GitHub sees neither a mention nor a reference; an entity or a backslash
    /// would not do, since GitHub looks at the text that is shown.
    private static let gap = "\u{200B}"

    /// The host of GitHub's own pages: links to issues there would show up in those issues.
    let webHost: String

    /// Text of several lines, at most `limit` UTF-16 units.
    func text(_ text: String, limit: Int) -> String {
        let calm = GitHubText.lines(text, atMost: max(limit, 0))
        var pieces: [String] = []
        for (index, line) in calm.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { pieces.append("\n") }
            pieces += self.pieces(of: line)
        }
        return GitHubMarkdown.joined(pieces, limit: limit)
    }

    /// One line, at most `count` characters before it is escaped.
    func line(_ text: String, atMost count: Int) -> String {
        pieces(of: Substring(GitHubText.line(text, atMost: count))).joined()
    }

    /// A block of fixed width, at most `limit` UTF-16 units with its fences; "" when there is nothing in it.
    static func code(_ text: String, limit: Int) -> String {
        let calm = GitHubText.lines(text, atMost: max(limit, 0))
        // The fence is longer than every run of backticks inside (GFM §4.5).
        let fence = String(repeating: "`", count: max(3, longestRun(in: calm) + 1))
        let inside = joined(calm.map(String.init), limit: limit - 2 * fence.utf16.count - "text\n\n".utf16.count)
        guard !inside.isEmpty else { return "" }
        return "\(fence)text\n\(inside)\n\(fence)"
    }

    /// A word or line of fixed width (GFM §6.3).
    static func inlineCode(_ text: String) -> String {
        let run = String(repeating: "`", count: longestRun(in: text) + 1)
        let pad = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
        return run + pad + text + pad + run
    }

    // MARK: Escaping

    private func pieces(of line: Substring) -> [String] {
        // Blanks at the beginning would make a code block.
        let scalars = Array(line.trimmed.unicodeScalars)
        var pieces: [String] = []
        var index = GitHubMarkdown.lineStart(scalars, &pieces)
        while index < scalars.count {
            if let address = WebAddressInText(scalars, at: index) {
                pieces.append(shown(address))
                index += address.length
            } else {
                pieces.append(GitHubMarkdown.escaped(scalars, at: index))
                index += 1
            }
        }
        return pieces
    }

    private func shown(_ address: WebAddressInText) -> String {
        guard !address.isReference(at: webHost) else { return GitHubMarkdown.inlineCode(address.text) }
        return "<" + address.text.replacing("&", with: "&amp;") + ">"
    }

    /// What would make a line a list or a heading. Returns where to go on.
    private static func lineStart(_ scalars: [Unicode.Scalar], _ pieces: inout [String]) -> Int {
        guard let first = scalars.first else { return 0 }
        if "-+=".unicodeScalars.contains(first) {
            pieces.append("\\\(first)")
            return 1
        }
        let digits = scalars.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, digits.count < scalars.count, ".)".unicodeScalars.contains(scalars[digits.count]) else {
            return 0
        }
        pieces += digits.map { String($0) }
        pieces.append("\\\(scalars[digits.count])")
        return digits.count + 1
    }

    private static func escaped(_ scalars: [Unicode.Scalar], at index: Int) -> String {
        let scalar = scalars[index]
        let next = index + 1 < scalars.count ? scalars[index + 1] : nil
        let isBeforeDigit = next.map { ("0"..."9").contains($0) } ?? false
        switch scalar {
        case "&": return "&amp;"
        case "<": return "&lt;"
        case ">": return "&gt;"
        case "@": return "@" + gap
        case "#": return "\\#" + (isBeforeDigit ? gap : "")
        // GH-123
        case "-" where isBeforeDigit && ends(scalars[..<index], with: "gh"): return "-" + gap
        // An address without a scheme.
        case "." where ends(scalars[..<index], with: "www"): return gap + "."
        // A scheme that is none of ours, or an address with somebody's name in it.
        case ":" where next == "/": return ":" + gap
        case "\\", "`", "*", "_", "[", "]", "~", "|", "$", "!": return "\\\(scalar)"
        default: return String(scalar)
        }
    }

    private static func ends(_ scalars: ArraySlice<Unicode.Scalar>, with word: String) -> Bool {
        String(String.UnicodeScalarView(scalars.suffix(word.count))).lowercased() == word
    }

    // MARK: Length

    /// The pieces as far as they fit, never a part of one.
    private static func joined(_ pieces: [String], limit: Int) -> String {
        var text = ""
        var count = 0
        // Where the text is to end, in bytes, when it turns out to be too long.
        var end = 0
        let mark = GitHubText.cutMark
        for piece in pieces {
            let size = piece.utf16.count
            guard count + size <= limit else {
                guard mark.utf16.count <= limit else { return "" }
                return String(decoding: text.utf8.prefix(end), as: UTF8.self) + mark
            }
            text += piece
            count += size
            if count <= limit - mark.utf16.count { end = text.utf8.count }
        }
        return text
    }

    private static func longestRun(in text: String) -> Int {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
