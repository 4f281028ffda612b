import Domain
import Foundation

/// A form as a modal (docs.slack.dev, "Modals", "Reference: views"). It keeps all limits of Slack; what does not fit is
/// no modal, and its person reads the usage.
struct SlackModal: Sendable {
    /// By what a submission is known to be ours.
    static let callbackID = "defimon:form"
    /// The id of each input within its block, which bears the argument's name.
    static let actionID = "value"
    /// The block of `--plan`: no argument's name begins so.
    static let planBlock = "--plan"
    /// Characters of the title.
    static let maxTitle = 24
    static let maxBlocks = 100
    /// Options of one list, characters of what one shows, and of its value.
    static let maxOptions = 100
    static let maxOption = 75
    static let maxOptionValue = 150
    /// Characters that Slack keeps for us.
    static let maxMetadata = 3000
    /// Characters of a label and of a hint.
    static let maxLabel = 2000
    /// Characters that can be typed into one input.
    static let maxInput = 3000
    /// Bytes of the whole view; Slack answers `view_too_large` above about 250,000.
    static let maxBytes = 200_000

    /// As `views.open` takes it.
    let view: JSONValue

    /// Nil when the form does not fit.
    init?(_ form: CommandForm) {
        let metadata = SlackFormOrigin(form).json.canonicalText
        guard metadata.utf16.count <= SlackModal.maxMetadata else { return nil }
        var blocks: [JSONValue] = []
        let summary = SlackText.markup(form.summary, limit: SlackMessage.maxSection)
        if !summary.isEmpty {
            blocks.append(["type": "section", "text": ["type": "mrkdwn", "text": .string(summary), "verbatim": true]])
        }
        blocks += form.fields.map(SlackModal.input)
        if form.offersPlan { blocks.append(SlackModal.plan(isOn: form.isPlanOnly)) }
        guard blocks.count <= SlackModal.maxBlocks else { return nil }
        view = [
            "type": "modal", "callback_id": .string(SlackModal.callbackID), "private_metadata": .string(metadata),
            "title": SlackModal.text(form.command, atMost: SlackModal.maxTitle),
            "submit": SlackModal.text("Run", atMost: 24),
            "close": SlackModal.text("Cancel", atMost: 24), "blocks": .array(blocks),
        ]
        guard view.canonicalBytes.count <= SlackModal.maxBytes else { return nil }
    }

    // MARK: Inputs

    private static func input(_ field: CommandForm.Field) -> JSONValue {
        var hint = field.requirement.prefix(1).uppercased() + field.requirement.dropFirst()
        let element: JSONValue
        switch field.kind {
        case .flag:
            hint = ""
            element = checkbox("Yes", isOn: field.initial == "true")
        case .choice(let options):
            if let list = list(options, initial: field.initial) {
                hint = ""
                element = list
            } else {
                element = line(initial: field.initial)
            }
        case .text: element = line(initial: field.initial)
        }
        if !hint.isEmpty, let initial = field.initial { hint += "; \(initial) unless given" }
        let label = field.help.isEmpty ? field.name : "\(field.name) · \(field.help)"
        var block: [String: JSONValue] = [
            "type": "input", "block_id": .string(field.name), "optional": .bool(!field.isRequired),
            "label": text(label, atMost: 150), "element": element,
        ]
        if !hint.isEmpty { block["hint"] = text(hint, atMost: 500) }
        return .object(block)
    }

    private static func plan(isOn: Bool) -> JSONValue {
        [
            "type": "input", "block_id": .string(planBlock), "optional": true,
            "label": text("Plan only", atMost: 150),
            "element": checkbox("Show what would change, and change nothing", isOn: isOn),
        ]
    }

    private static func line(initial: String?) -> JSONValue {
        var element: [String: JSONValue] = [
            "type": "plain_text_input", "action_id": .string(actionID), "multiline": false,
            "max_length": .int(Int64(maxInput)),
        ]
        if let initial, initial.utf16.count <= maxInput { element["initial_value"] = .string(initial) }
        return .object(element)
    }

    private static func checkbox(_ label: String, isOn: Bool) -> JSONValue {
        let option = option(.init(value: "true", label: label))
        var element: [String: JSONValue] = [
            "type": "checkboxes", "action_id": .string(actionID), "options": [option],
        ]
        if isOn { element["initial_options"] = [option] }
        return .object(element)
    }

    /// Nil when the options do not fit, or cannot be told apart by what is shown of them.
    private static func list(_ options: [CommandForm.Option], initial: String?) -> JSONValue? {
        guard (1...maxOptions).contains(options.count),
            options.allSatisfy({ (1...maxOptionValue).contains($0.value.utf16.count) }),
            Set(options.map { shown($0) }).count == options.count
        else { return nil }
        var element: [String: JSONValue] = [
            "type": "static_select", "action_id": .string(actionID), "options": .array(options.map(option)),
        ]
        if let chosen = options.first(where: { $0.value == initial }) { element["initial_option"] = option(chosen) }
        return .object(element)
    }

    private static func option(_ option: CommandForm.Option) -> JSONValue {
        [
            "text": ["type": "plain_text", "text": .string(shown(option)), "emoji": false],
            "value": .string(option.value),
        ]
    }

    private static func shown(_ option: CommandForm.Option) -> String {
        string(option.label.isEmpty ? option.value : option.label, atMost: maxOption)
    }

    private static func text(_ text: String, atMost count: Int) -> JSONValue {
        ["type": "plain_text", "text": .string(string(text, atMost: count)), "emoji": false]
    }

    /// Never empty, and never longer in UTF-16 units either.
    private static func string(_ text: String, atMost count: Int) -> String {
        var line = SlackText.line(text, atMost: count)
        while line.utf16.count > count { line.removeLast() }
        return line.isEmpty ? "?" : line
    }
}

/// Where a form was asked for, as it stands in the modal's `private_metadata`: Slack gives it back with the submission
/// and shows it to nobody.
struct SlackFormOrigin: Sendable {
    var command: String
    /// The conversation, and its name where Slack said one.
    var channel: String?
    var channelName: String?
    /// The response URL of the request, and until when it takes answers.
    var responseURL: String?
    var answersUntil: Date?

    init(_ form: CommandForm) {
        command = form.command
        channel = form.reportTo?.address
        channelName = form.placeName
        responseURL = form.answerTo?.address
        answersUntil = form.answerTo?.usableUntil
    }

    /// Nil when the text is none of ours.
    init?(_ text: String) {
        guard text.utf16.count <= SlackModal.maxMetadata, let value = try? JSONValue(parsing: Array(text.utf8)),
            let command = value["command"]?.stringValue, !command.isEmpty
        else { return nil }
        self.command = command
        channel = value["channel"]?.stringValue
        channelName = value["name"]?.stringValue
        responseURL = value["url"]?.stringValue
        answersUntil = value["until"]?.intValue.map { Date(microseconds: Int64($0)) }
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["command": .string(command)]
        members["channel"] = channel.map { .string($0) }
        members["name"] = channelName.map { .string($0) }
        members["url"] = responseURL.map { .string($0) }
        members["until"] = answersUntil.map { .int($0.microseconds) }
        return .object(members)
    }
}
