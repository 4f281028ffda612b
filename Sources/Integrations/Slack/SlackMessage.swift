import Domain

/// A report in Block Kit (docs.slack.dev, "Block Kit", "Reference: blocks"). It keeps all limits of Slack by cutting.
struct SlackMessage: Sendable {
    /// Blocks of one message.
    static let maxBlocks = 50
    /// Characters of a section's text.
    static let maxSection = 3000
    /// Fields of one section, and characters of each.
    static let maxFields = 10
    static let maxField = 2000
    /// Characters of what stands in one of two columns; what is longer has the whole width, where it can be read.
    static let columnField = 80
    /// Buttons of one block of actions, characters on one, and of its value.
    static let maxButtons = 25
    static let maxLabel = 75
    static let maxValue = 2000
    /// Characters of all blocks together. Slack names no such limit, but answers `msg_blocks_too_long` to messages of
    /// about 11,000.
    static let maxTotal = 9000
    /// Characters of the text for notifications; above 4,000 `chat.update` answers `msg_too_long`.
    static let maxText = 3000

    private(set) var blocks: [JSONValue] = []
    /// What notifications show, and clients without blocks.
    let text: String
    private var room = SlackMessage.maxTotal
    private var buttons = 0
    private var isCut = false

    init(_ report: Report) {
        text = SlackText.markup(report.mood.sign + " " + report.plainText, limit: SlackMessage.maxText)
        // An asterisk would end the bold type.
        let title = SlackText.line(report.title, atMost: 250).replacing("*", with: "∗")
        section("\(report.mood.sign) *\(SlackText.markup(title.isEmpty ? "(no title)" : title, limit: 2000))*")
        for block in report.blocks { add(block) }
        if isCut { blocks.append(SlackMessage.section(SlackText.cutMark)) }
    }

    private mutating func add(_ block: Report.Block) {
        switch block {
        case .text(let text): section(SlackText.markup(text, limit: limit))
        case .code(let text): code(text)
        case .steps(let steps): section(lines(steps))
        case .fields(let fields): add(fields)
        case .offers(let offers): add(offers)
        }
    }

    // MARK: Text

    /// What the next section's text may take.
    private var limit: Int { max(SlackText.cutMark.utf16.count, min(SlackMessage.maxSection, room)) }

    private mutating func section(_ markup: String) {
        guard !markup.isEmpty, take(markup.utf16.count) else { return }
        blocks.append(SlackMessage.section(markup))
    }

    private mutating func code(_ text: String) {
        let fence = "```"
        let inside = SlackText.code(text, limit: max(SlackText.cutMark.utf16.count, limit - 2 * fence.count - 2))
        guard !inside.isEmpty else { return }
        section("\(fence)\n\(inside)\n\(fence)")
    }

    private func lines(_ steps: [Report.StepLine]) -> String {
        var text = ""
        for (index, step) in steps.enumerated() {
            let note =
                step.note.isEmpty ? "" : " · \(SlackText.markup(SlackText.line(step.note, atMost: 200), limit: 400))"
            let name = SlackText.markup(SlackText.line(step.name, atMost: 200), limit: 400)
            let line = "\(step.state.mark) \(name)\(note)"
            let rest = "\n\(SlackText.cutMark): \(steps.count - index) more steps"
            guard text.utf16.count + 1 + line.utf16.count + rest.utf16.count <= limit else { return text + rest }
            text += (index == 0 ? "" : "\n") + line
        }
        return text
    }

    private static func section(_ markup: String) -> JSONValue {
        ["type": "section", "text": SlackMessage.markup(markup)]
    }

    /// `verbatim`: Slack makes no links of what looks like a URL, a channel or a person.
    private static func markup(_ text: String) -> JSONValue {
        ["type": "mrkdwn", "text": .string(text), "verbatim": true]
    }

    // MARK: Fields

    private mutating func add(_ fields: [Report.Field]) {
        var columns: [Report.Field] = []
        for field in fields {
            if field.value.count <= SlackMessage.columnField {
                columns.append(field)
                if columns.count == SlackMessage.maxFields { addColumns(&columns) }
            } else {
                addColumns(&columns)
                section(text(field, limit: min(SlackMessage.maxField, max(100, room / 2))))
            }
        }
        addColumns(&columns)
    }

    private mutating func addColumns(_ fields: inout [Report.Field]) {
        defer { fields.removeAll() }
        var shown: [JSONValue] = []
        var size = 0
        for field in fields {
            let text = text(field, limit: min(SlackMessage.maxField, max(100, (room - size) / 2)))
            size += text.utf16.count
            shown.append(SlackMessage.markup(text))
        }
        guard !shown.isEmpty, take(size) else { return }
        blocks.append(["type": "section", "fields": .array(shown)])
    }

    private func text(_ field: Report.Field, limit: Int) -> String {
        let name = SlackText.markup(SlackText.line(field.name, atMost: 100).replacing("*", with: "∗"), limit: 200)
        let space = limit - name.utf16.count - 3
        return "*\(name)*\n\(SlackText.markup(field.value, limit: max(SlackText.cutMark.utf16.count, space)))"
    }

    // MARK: Buttons

    private mutating func add(_ offers: [Report.Offer]) {
        var row: [JSONValue] = []
        for offer in offers {
            // A command line is never cut: it would be another command.
            guard offer.commandLine.utf16.count <= SlackMessage.maxValue, !offer.commandLine.isEmpty else {
                section(SlackText.markup("\(offer.label): /defimon \(offer.commandLine)", limit: limit))
                continue
            }
            row.append(button(offer))
            if row.count == SlackMessage.maxButtons { endRow(&row) }
        }
        endRow(&row)
    }

    private mutating func endRow(_ row: inout [JSONValue]) {
        defer { row.removeAll() }
        guard !row.isEmpty, take(row.count * SlackMessage.maxLabel) else { return }
        blocks.append(["type": "actions", "elements": .array(row)])
    }

    private mutating func button(_ offer: Report.Offer) -> JSONValue {
        defer { buttons += 1 }
        let label = SlackText.markup(SlackText.line(offer.label, atMost: 60), limit: SlackMessage.maxLabel)
        var button: [String: JSONValue] = [
            "type": "button", "action_id": .string("\(SlackEventDecoder.runAction):\(buttons)"),
            "text": ["type": "plain_text", "text": .string(label.isEmpty ? "Run" : label), "emoji": false],
            "value": .string(offer.commandLine),
        ]
        // The words are Slack's own.
        if let style = offer.style { button["style"] = .string(style.rawValue) }
        return .object(button)
    }

    /// Takes room for one more block; false when there is none, and the message ends there.
    private mutating func take(_ size: Int) -> Bool {
        // The last block is kept for the sign that something is missing.
        guard !isCut, size <= room, blocks.count < SlackMessage.maxBlocks - 1 else {
            isCut = true
            return false
        }
        room -= size
        return true
    }
}

extension Report.Mood {
    /// The sign before a title.
    var sign: String {
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
