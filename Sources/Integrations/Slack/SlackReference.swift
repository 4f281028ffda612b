import Domain

/// The name of a message: `C123ABC456|1503435956.000247`, conversation and timestamp. The conversation is the one that
/// Slack answered, since a message that was posted to `#ops` can only be edited by the conversation's id.
struct SlackReference: Sendable, Hashable {
    var channel: String
    var timestamp: String

    /// Nil when the text is none.
    init?(_ text: String) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(channel: String(parts[0]), timestamp: String(parts[1]))
    }

    /// Out of an answer of `chat.postMessage` or `chat.update`.
    init?(_ answer: JSONValue) {
        guard let channel = answer["channel"]?.stringValue, let timestamp = answer["ts"]?.stringValue else {
            return nil
        }
        self.init(channel: channel, timestamp: timestamp)
    }

    private init?(channel: String, timestamp: String) {
        guard SlackEventDecoder.isID(channel), (1...32).contains(timestamp.utf8.count),
            timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        self.channel = channel
        self.timestamp = timestamp
    }

    var text: String { "\(channel)|\(timestamp)" }
}
