/// An answer of Slack's Web API that is not ok: HTTP 200 with `{"ok":false,"error":…}`.
struct SlackError: Error, Sendable, Hashable {
    /// Slack's code: `channel_not_found`.
    var code: String
    /// What `response_metadata.messages` says.
    var messages: [String]

    init(_ code: String, messages: [String] = []) {
        self.code = code
        self.messages = messages
    }
}
