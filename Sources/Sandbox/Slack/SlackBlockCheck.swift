import Domain

/// The limits of Block Kit (docs.slack.dev/reference/block-kit) that decide whether Slack takes a message. Lengths are
/// in characters (Unicode scalars).
enum SlackBlockCheck {
    static let mostBlocks = 50
    /// Slack refuses messages whose blocks are together longer than about this many characters of JSON.
    static let mostCharacters = 13_000

    /// What is wrong, in Slack's form (`must be less than 3001 characters [json-pointer:/blocks/0/text/text]`); empty
    /// when all is well.
    static func problems(in blocks: [JSONValue]) -> [String] {
        var check = Check()
        if blocks.count > mostBlocks { check.add("no more than \(mostBlocks) items allowed", at: "/blocks") }
        for (index, block) in blocks.enumerated() { check.block(block, at: "/blocks/\(index)") }
        return check.problems
    }

    /// Walks through the blocks and collects what is wrong.
    private struct Check {
        var problems: [String] = []
        private var blockIDs: Set<String> = []
        private var actionIDs: Set<String> = []

        mutating func add(_ problem: String, at pointer: String) {
            problems.append("[ERROR] \(problem) [json-pointer:\(pointer)]")
        }

        mutating func block(_ block: JSONValue, at pointer: String) {
            guard let type = block["type"]?.stringValue else {
                return add("missing required field: type", at: pointer)
            }
            if let id = block["block_id"]?.stringValue {
                if id.unicodeScalars.count > 255 { add("must be less than 256 characters", at: pointer + "/block_id") }
                if !blockIDs.insert(id).inserted { add("`block_id` is not unique: \(id)", at: pointer + "/block_id") }
            }
            // An action_id is unique within its block.
            actionIDs = []
            switch type {
            case "section": section(block, at: pointer)
            case "header":
                text(block["text"], at: pointer + "/text", longest: 150, isRequired: true, kinds: ["plain_text"])
            case "context": context(block, at: pointer)
            case "actions": actions(block, at: pointer)
            case "divider": break
            case "markdown":
                length(block["text"], at: pointer + "/text", longest: 12_000)
            case "rich_text", "image", "video", "input", "file": break
            default: add("unsupported type: \(type)", at: pointer + "/type")
            }
        }

        private mutating func section(_ block: JSONValue, at pointer: String) {
            let fields = block["fields"]?.arrayValue
            if block["text"] == nil, fields == nil {
                add("must define either `fields` or `text`", at: pointer)
            }
            text(block["text"], at: pointer + "/text", longest: 3000, isRequired: false)
            if let fields {
                if fields.isEmpty { add("must have at least 1 item", at: pointer + "/fields") }
                if fields.count > 10 { add("no more than 10 items allowed", at: pointer + "/fields") }
                for (index, field) in fields.enumerated() {
                    text(field, at: pointer + "/fields/\(index)", longest: 2000, isRequired: true)
                }
            }
            if let accessory = block["accessory"] { element(accessory, at: pointer + "/accessory") }
        }

        private mutating func context(_ block: JSONValue, at pointer: String) {
            let elements = block["elements"]?.arrayValue ?? []
            if elements.isEmpty { add("must have at least 1 item", at: pointer + "/elements") }
            if elements.count > 10 { add("no more than 10 items allowed", at: pointer + "/elements") }
            for (index, element) in elements.enumerated() where element["type"]?.stringValue != "image" {
                text(element, at: pointer + "/elements/\(index)", longest: 3000, isRequired: true)
            }
        }

        private mutating func actions(_ block: JSONValue, at pointer: String) {
            let elements = block["elements"]?.arrayValue ?? []
            if elements.isEmpty { add("must have at least 1 item", at: pointer + "/elements") }
            if elements.count > 25 { add("no more than 25 items allowed", at: pointer + "/elements") }
            for (index, item) in elements.enumerated() { element(item, at: pointer + "/elements/\(index)") }
        }

        private mutating func element(_ element: JSONValue, at pointer: String) {
            if let id = element["action_id"]?.stringValue {
                if id.isEmpty { add("must be more than 0 characters", at: pointer + "/action_id") }
                if id.unicodeScalars.count > 255 { add("must be less than 256 characters", at: pointer + "/action_id") }
                if !actionIDs.insert(id).inserted {
                    add("`action_id` is not unique: \(id)", at: pointer + "/action_id")
                }
            }
            guard element["type"]?.stringValue == "button" else { return }
            text(element["text"], at: pointer + "/text", longest: 75, isRequired: true, kinds: ["plain_text"])
            length(element["value"], at: pointer + "/value", longest: 2000)
            length(element["url"], at: pointer + "/url", longest: 3000)
            if let style = element["style"], !["primary", "danger"].contains(style.stringValue) {
                add("must be one of `primary`, `danger`", at: pointer + "/style")
            }
            if let confirm = element["confirm"] { self.confirm(confirm, at: pointer + "/confirm") }
        }

        private mutating func confirm(_ confirm: JSONValue, at pointer: String) {
            text(confirm["title"], at: pointer + "/title", longest: 100, isRequired: true, kinds: ["plain_text"])
            text(confirm["text"], at: pointer + "/text", longest: 300, isRequired: true)
            text(confirm["confirm"], at: pointer + "/confirm", longest: 30, isRequired: true, kinds: ["plain_text"])
            text(confirm["deny"], at: pointer + "/deny", longest: 30, isRequired: true, kinds: ["plain_text"])
        }

        private mutating func text(
            _ value: JSONValue?, at pointer: String, longest: Int, isRequired: Bool,
            kinds: [String] = ["plain_text", "mrkdwn"]
        ) {
            guard let value else {
                if isRequired { add("missing required field", at: pointer) }
                return
            }
            guard let kind = value["type"]?.stringValue, kinds.contains(kind) else {
                return add("must be one of \(kinds.map { "`\($0)`" }.joined(separator: ", "))", at: pointer + "/type")
            }
            guard let text = value["text"]?.stringValue, !text.isEmpty else {
                return add("must be more than 0 characters", at: pointer + "/text")
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
