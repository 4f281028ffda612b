import Domain
import Foundation

/// A modal of ours as its person sends it (docs.slack.dev, "view_submission payload").
struct SlackSubmission: Sendable {
    static let type = "view_submission"

    var origin: SlackFormOrigin
    var form: FilledForm
    /// Blocks that can bear what is wrong, in their order.
    var blocks: [String]

    /// Nil when the payload is none of ours.
    init?(_ payload: JSONValue) {
        guard payload["type"]?.stringValue == SlackSubmission.type, let view = payload["view"],
            view["callback_id"]?.stringValue == SlackModal.callbackID,
            let origin = view["private_metadata"]?.stringValue.flatMap(SlackFormOrigin.init)
        else { return nil }
        self.origin = origin
        var values: [String: String] = [:]
        var isPlanOnly = false
        for (block, inputs) in view["state"]?["values"]?.objectValue ?? [:] {
            guard let input = inputs[SlackModal.actionID], let value = SlackSubmission.value(input) else { continue }
            if block == SlackModal.planBlock {
                isPlanOnly = value == "true"
            } else if SlackEventDecoder.isID(block), !block.hasPrefix("-") {
                values[block] = value
            }
        }
        form = FilledForm(command: origin.command, values: values, isPlanOnly: isPlanOnly)
        blocks = (view["blocks"]?.arrayValue ?? []).filter { $0["type"] == "input" }.compactMap {
            $0["block_id"]?.stringValue
        }
    }

    /// What an input holds; nil when nothing was given.
    private static func value(_ input: JSONValue) -> String? {
        switch input["type"]?.stringValue {
        case "plain_text_input": input["value"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        case "static_select": input["selected_option"]?["value"]?.stringValue
        // Also the empty one says something: a flag that is on unless said otherwise is off.
        case "checkboxes": (input["selected_options"]?.arrayValue ?? []).isEmpty ? "false" : "true"
        default: nil
        }
    }

    /// The answer that shows what is wrong in the modal, beside each input; nil when nothing is.
    func answer(to problems: [String: String]) -> JSONValue? {
        guard !problems.isEmpty else { return nil }
        var errors: [String: JSONValue] = [:]
        var others: [String] = []
        for (name, problem) in problems.sorted(by: { $0.key < $1.key }) {
            if blocks.contains(name) {
                errors[name] = .string(SlackText.line(problem, atMost: 300))
            } else {
                others.append(problem)
            }
        }
        // What belongs to no input stands at the first, for want of another place.
        if !others.isEmpty, let first = blocks.first {
            let before = errors[first]?.stringValue.map { [$0] } ?? []
            errors[first] = .string(SlackText.line((before + others).joined(separator: "; "), atMost: 300))
        }
        guard !errors.isEmpty else { return nil }
        return ["response_action": "errors", "errors": .object(errors)]
    }
}
