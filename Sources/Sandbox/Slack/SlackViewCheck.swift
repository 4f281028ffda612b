import Domain

/// The limits of a modal (docs.slack.dev/reference/views) that decide whether Slack opens it. Lengths are in characters
/// (Unicode scalars).
enum SlackViewCheck {
    static let mostBlocks = 100
    static let longestMetadata = 3000

    /// What is wrong, in Slack's form; empty when all is well.
    static func problems(in view: JSONValue) -> [String] {
        var check = Check()
        check.view(view)
        return check.problems
    }

    private struct Check {
        var problems: [String] = []
        private var blockIDs: Set<String> = []

        mutating func add(_ problem: String, at pointer: String) {
            problems.append("[ERROR] \(problem) [json-pointer:\(pointer)]")
        }

        mutating func view(_ view: JSONValue) {
            if view["type"] != "modal" { add("unsupported type", at: "/type") }
            text(view["title"], at: "/title", longest: 24, isRequired: true)
            text(view["submit"], at: "/submit", longest: 24, isRequired: false)
            text(view["close"], at: "/close", longest: 24, isRequired: false)
            length(view["callback_id"], at: "/callback_id", longest: 255)
            length(view["private_metadata"], at: "/private_metadata", longest: SlackViewCheck.longestMetadata)
            let blocks = view["blocks"]?.arrayValue ?? []
            if blocks.isEmpty { add("must have at least 1 item", at: "/blocks") }
            if blocks.count > SlackViewCheck.mostBlocks {
                add("no more than \(SlackViewCheck.mostBlocks) items allowed", at: "/blocks")
            }
            for (index, block) in blocks.enumerated() {
                let pointer = "/blocks/\(index)"
                if let id = block["block_id"]?.stringValue, !blockIDs.insert(id).inserted {
                    add("`block_id` is not unique: \(id)", at: pointer + "/block_id")
                }
                if block["type"] == "input" {
                    input(block, at: pointer)
                    if view["submit"] == nil { add("missing required field: submit", at: "/submit") }
                } else {
                    problems += SlackBlockCheck.problems(in: [block])
                }
            }
        }

        private mutating func input(_ block: JSONValue, at pointer: String) {
            length(block["block_id"], at: pointer + "/block_id", longest: 255)
            text(block["label"], at: pointer + "/label", longest: 2000, isRequired: true)
            text(block["hint"], at: pointer + "/hint", longest: 2000, isRequired: false)
            guard let element = block["element"] else { return add("missing required field: element", at: pointer) }
            let at = pointer + "/element"
            length(element["action_id"], at: at + "/action_id", longest: 255)
            switch element["type"]?.stringValue {
            case "plain_text_input": line(element, at: at)
            case "static_select": options(element, most: 100, at: at)
            case "checkboxes": options(element, most: 10, at: at)
            default: add("unsupported type: \(element["type"]?.plainText ?? "none")", at: at + "/type")
            }
        }

        private mutating func line(_ element: JSONValue, at pointer: String) {
            let longest = element["max_length"]?.intValue ?? 3000
            if !(1...3000).contains(longest) { add("must be between 1 and 3000", at: pointer + "/max_length") }
            length(element["initial_value"], at: pointer + "/initial_value", longest: min(longest, 3000))
        }

        private mutating func options(_ element: JSONValue, most: Int, at pointer: String) {
            let options = element["options"]?.arrayValue ?? []
            if options.isEmpty { add("must have at least 1 item", at: pointer + "/options") }
            if options.count > most { add("no more than \(most) items allowed", at: pointer + "/options") }
            for (index, option) in options.enumerated() {
                text(option["text"], at: pointer + "/options/\(index)/text", longest: 75, isRequired: true)
                length(option["value"], at: pointer + "/options/\(index)/value", longest: 150)
            }
            let initial =
                [element["initial_option"]].compactMap(\.self) + (element["initial_options"]?.arrayValue ?? [])
            for option in initial where !options.contains(option) {
                add("must be one of the provided options", at: pointer + "/initial_option")
            }
        }

        private mutating func text(_ value: JSONValue?, at pointer: String, longest: Int, isRequired: Bool) {
            guard let value else {
                if isRequired { add("missing required field", at: pointer) }
                return
            }
            if value["type"] != "plain_text" { add("must be `plain_text`", at: pointer + "/type") }
            if value["text"]?.stringValue?.isEmpty ?? true {
                add("must be more than 0 characters", at: pointer + "/text")
            }
            length(value["text"], at: pointer + "/text", longest: longest)
        }

        private mutating func length(_ value: JSONValue?, at pointer: String, longest: Int) {
            guard let value else { return }
            guard let text = value.stringValue else { return add("must be a string", at: pointer) }
            if text.unicodeScalars.count > longest {
                add("must be less than \(longest + 1) characters", at: pointer)
            }
        }
    }
}
