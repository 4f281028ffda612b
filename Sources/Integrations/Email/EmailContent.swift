import Domain

/// A report cut to what a mail may hold and freed of what no mail may hold. Both parts of a mail are made of it, so that
/// they say the same.
struct EmailContent: Sendable {
    /// Unicode scalars of the whole mail's text, and of one block.
    static let maxText = 40_000
    static let maxBlock = 20_000
    /// Lines of all kinds.
    static let maxLines = 2000
    /// Characters of names, notes and titles.
    static let maxName = 200

    let sign: String
    /// What has happened, the outcome first.
    let headline: String
    private(set) var blocks: [Report.Block] = []
    private(set) var isCut = false
    private var room = EmailContent.maxText
    private var lines = EmailContent.maxLines

    init(_ report: Report, slot: OutboxMessage.Slot) {
        sign = report.mood.sign
        headline = EmailContent.headline(EmailText.line(report.title, atMost: EmailContent.maxName), slot)
        for block in report.blocks where !isCut { add(block) }
    }

    /// A job's title ends with its state: `deploy analytics · job 42 · timed out`. A phone shows the beginning only, so
    /// the state goes there. Messages of their own say first what they are about already.
    private static func headline(_ title: String, _ slot: OutboxMessage.Slot) -> String {
        guard !title.isEmpty else { return "(no title)" }
        guard slot == .main, let state = JobState.allCases.map(\.words).first(where: { title.hasSuffix(" · \($0)") })
        else { return title }
        return state.prefix(1).uppercased() + state.dropFirst() + ": " + title.dropLast(state.count + 3)
    }

    private mutating func add(_ block: Report.Block) {
        switch block {
        case .text(let text): if let text = take(text) { blocks.append(.text(text)) }
        case .code(let text): if let text = take(text) { blocks.append(.code(text)) }
        case .fields(let fields):
            let taken = fields.compactMap { field -> Report.Field? in
                let name = EmailText.line(field.name, atMost: EmailContent.maxName)
                return take(field.value, beside: name).map { Report.Field(name, $0) }
            }
            if !taken.isEmpty { blocks.append(.fields(taken)) }
        case .steps(let steps):
            let taken = steps.compactMap { step -> Report.StepLine? in
                let name = EmailText.line(step.name, atMost: EmailContent.maxName)
                let note = EmailText.line(step.note, atMost: EmailContent.maxName)
                return take(name, beside: note).map { .init(state: step.state, name: $0, note: note) }
            }
            if !taken.isEmpty { blocks.append(.steps(taken)) }
        case .offers(let offers):
            let taken = offers.compactMap { whole($0) }
            if !taken.isEmpty { blocks.append(.offers(taken)) }
        }
    }

    private mutating func whole(_ offer: Report.Offer) -> Report.Offer? {
        // A command line is never cut or mended: it would be another command.
        let line = offer.commandLine
        guard !line.isEmpty, line.utf8.count <= CommandLine.longest, EmailText.isOneLine(line) else { return nil }
        let label = EmailText.line(offer.label, atMost: EmailContent.maxName)
        return take(line, beside: label).map { Report.Offer(label: label, commandLine: $0) }
    }

    /// The text as it goes into the mail; nil when there is nothing of it, or no room any more.
    private mutating func take(_ text: String, beside name: String = "") -> String? {
        let size = name.unicodeScalars.count
        guard !isCut, room > size + EmailText.cutMark.count, lines > 0 else {
            isCut = true
            return nil
        }
        var calm = EmailText.calmed(text, atMost: min(EmailContent.maxBlock, room - size))
        var parts = calm.split(separator: "\n", omittingEmptySubsequences: false)
        if parts.count > lines {
            parts = parts.prefix(lines) + ["\(EmailText.cutMark)"]
            calm = parts.joined(separator: "\n")
        }
        lines -= parts.count
        room -= size + calm.unicodeScalars.count
        return calm.isEmpty && name.isEmpty ? nil : calm
    }
}

extension Report.Mood {
    /// The sign before a headline.
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

    /// The colour beside a headline in HTML; each can be told from white and from black.
    var color: String {
        switch self {
        case .info: "#3b82f6"
        case .waiting, .running: "#8b949e"
        case .success: "#2da44e"
        case .warning: "#d29922"
        case .failure: "#e5484d"
        }
    }
}
