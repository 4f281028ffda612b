import Domain

/// The plain part of a mail, which is to read well by itself.
enum EmailPlainText {
    /// Says who writes, after the line that marks a signature.
    static let footer = "Sent by Defimon. Nobody reads answers to this address."

    /// Stands above commands, which a chat would offer as buttons.
    static let offersTitle = "To go on, type in chat:"

    static func text(of content: EmailContent) -> String {
        var parts = ["\(content.sign) \(content.headline)"]
        parts += content.blocks.map(text)
        if content.isCut { parts.append(EmailText.cutMark) }
        return parts.joined(separator: "\n\n") + "\n\n-- \n\(footer)\n"
    }

    private static func text(_ block: Report.Block) -> String {
        switch block {
        case .text(let text), .code(let text): text
        case .fields(let fields):
            fields.map { "\($0.name): \($0.value.replacing("\n", with: "\n  "))" }.joined(separator: "\n")
        case .steps(let steps):
            steps.map { "\($0.state.mark) \($0.name)" + ($0.note.isEmpty ? "" : " · \($0.note)") }
                .joined(separator: "\n")
        case .offers(let offers):
            "\(offersTitle)\n"
                + offers.map { "  \($0.label): /defimon \($0.commandLine)" }.joined(separator: "\n")
        }
    }
}
