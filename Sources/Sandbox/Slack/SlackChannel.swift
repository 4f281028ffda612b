/// A channel of the stand-in's workspace, or the direct messages of one person.
package struct SlackChannel: Sendable, Hashable {
    /// Slack's conversation id: `C0OPS`.
    package var id: String
    /// Without `#`; of direct messages the person's, as `@olivia`.
    package var name: String
    package var topic: String
    /// Whose direct messages it holds; they are found under that person's id too.
    package var userID: String?

    /// The direct messages of a person, on the page: `D0OLIVIA1` for `U0OLIVIA1`.
    package static func direct(to user: SlackUser) -> SlackChannel {
        var channel = SlackChannel(
            id: "D" + user.id.dropFirst(), name: "@" + user.name, topic: "What the bot tells \(user.realName) alone")
        channel.userID = user.id
        return channel
    }

    package init(id: String, name: String, topic: String = "") {
        self.id = id
        self.name = name
        self.topic = topic
    }
}
