import Domain

/// A report in GitHub's Markdown. It keeps within GitHub's limit by cutting.
struct GitHubMessage: Sendable {
    /// Characters of a comment (GitHub answers 422 "body is too long (maximum is 65536 characters)").
    static let maxComment = 65_536
    /// Steps and fields of one block.
    private static let maxLines = 200

    private(set) var text = ""
    private let markdown: GitHubMarkdown
    private var room: Int
    private var isCut = false

    /// `room` is how many UTF-16 units it may take.
    init(_ report: Report, _ markdown: GitHubMarkdown, room: Int) {
        self.markdown = markdown
        // Kept for the sign that something is missing.
        self.room = room - GitHubText.cutMark.utf16.count - 2
        let title = markdown.line(report.title, atMost: 250)
        add("### \(report.mood.sign) \(title.isEmpty ? "(no title)" : title)")
        for block in report.blocks { add(block) }
        if isCut { text += "\n\n" + GitHubText.cutMark }
    }

    private mutating func add(_ block: Report.Block) {
        switch block {
        case .text(let text): add(markdown.text(text, limit: room - 2))
        case .code(let code): add(GitHubMarkdown.code(code, limit: room - 2))
        case .steps(let steps): add(steps.map(line))
        case .fields(let fields):
            add(
                fields.map {
                    "- **\(markdown.line($0.name, atMost: 100)):** \(markdown.line($0.value, atMost: 1000))"
                })
        case .offers(let offers): add(offers.map(line))
        }
    }

    private func line(_ step: Report.StepLine) -> String {
        let note = step.note.isEmpty ? "" : " · " + markdown.line(step.note, atMost: 200)
        return "- \(step.state.mark) \(markdown.line(step.name, atMost: 200))\(note)"
    }

    /// What to type; nothing on GitHub can be pressed. A command line is never cut: it would be another command.
    private func line(_ offer: Report.Offer) -> String {
        let command = CommentRequest.word + " " + GitHubText.line(offer.commandLine, atMost: 2000)
        return "- \(markdown.line(offer.label, atMost: 100)): \(GitHubMarkdown.inlineCode(command))"
    }

    private mutating func add(_ lines: [String]) {
        var part = ""
        for (index, line) in lines.enumerated() {
            let rest = "\n- \(GitHubText.cutMark): \(lines.count - index) more"
            guard index < GitHubMessage.maxLines, part.utf16.count + line.utf16.count + rest.utf16.count + 3 <= room
            else {
                part += rest
                break
            }
            part += (index == 0 ? "" : "\n") + line
        }
        add(part)
    }

    private mutating func add(_ part: String) {
        guard !part.isEmpty else { return }
        let piece = (text.isEmpty ? "" : "\n\n") + part
        guard !isCut, piece.utf16.count <= room else {
            isCut = true
            return
        }
        text += piece
        room -= piece.utf16.count
    }
}

extension Report.Mood {
    /// The sign before a title.
    fileprivate var sign: String {
        switch self {
        case .info: "ℹ️"
        case .waiting: "⏳"
        case .running: "🔄"
        case .success: "✅"
        case .warning: "⚠️"
        case .failure: "❌"
        }
    }
}
