package import Domain

/// A message as the stand-in keeps it.
package struct SlackMessage: Sendable, Hashable {
    /// Who wrote it.
    package enum Author: Sendable, Hashable {
        case bot
        /// A person, by user id.
        case person(String)
        /// Slack itself: "the app did not respond".
        case slack
    }

    package var channelID: String
    /// Its name in the channel: seconds and a six-digit count.
    package var ts: String
    /// The message under which it stands.
    package var threadTS: String?
    package var author: Author
    /// mrkdwn, with `&`, `<` and `>` escaped by the sender.
    package var text: String
    package var blocks: [JSONValue]
    /// How often it was edited.
    package var edits = 0
    /// The user id of the one person who sees it; nil: everybody.
    package var onlyFor: String?
    /// A thread reply that is shown in the channel too.
    package var isBroadcast = false

    package init(channelID: String, ts: String, author: Author, text: String, blocks: [JSONValue] = []) {
        self.channelID = channelID
        self.ts = ts
        self.author = author
        self.text = text
        self.blocks = blocks
    }

    /// All texts in it, of its blocks too, one a line: for tests and searches.
    package var allText: String {
        ([text] + blocks.flatMap(SlackMessage.texts)).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func texts(in value: JSONValue) -> [String] {
        switch value {
        case .array(let items): items.flatMap(texts)
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, value in
                if key == "text", let text = value.stringValue { return [text] }
                return texts(in: value)
            }
        default: []
        }
    }

    /// The buttons in it, in order.
    package var buttons: [SlackButton] {
        blocks.enumerated().flatMap { index, block -> [SlackButton] in
            let elements = (block["elements"]?.arrayValue ?? []) + [block["accessory"]].compactMap { $0 }
            return elements.compactMap { element in
                guard element["type"]?.stringValue == "button" else { return nil }
                return SlackButton(
                    channelID: channelID, messageTS: ts, blockID: block["block_id"]?.stringValue ?? "b\(index)",
                    actionID: element["action_id"]?.stringValue ?? "",
                    label: element.at(path: "text.text")?.plainText ?? "",
                    value: element["value"]?.stringValue)
            }
        }
    }
}
