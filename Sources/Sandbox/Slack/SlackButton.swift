/// A button of a message.
package struct SlackButton: Sendable, Hashable {
    package var channelID: String
    package var messageTS: String
    package var blockID: String
    package var actionID: String
    package var label: String
    package var value: String?
}
