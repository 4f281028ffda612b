/// A channel of the stand-in's workspace.
package struct SlackChannel: Sendable, Hashable {
    /// Slack's conversation id: `C0OPS`.
    package var id: String
    /// Without `#`.
    package var name: String
    package var topic: String

    package init(id: String, name: String, topic: String = "") {
        self.id = id
        self.name = name
        self.topic = topic
    }
}
