/// A person of the stand-in's workspace.
package struct SlackUser: Sendable, Hashable {
    /// Slack's user id: `U0OLIVIA`.
    package var id: String
    /// The account's name: `olivia`.
    package var name: String
    package var realName: String
    /// What the page says of this person: `operator`.
    package var note: String

    package init(id: String, name: String, realName: String, note: String = "") {
        self.id = id
        self.name = name
        self.realName = realName
        self.note = note
    }
}
