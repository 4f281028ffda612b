import Domain

/// Checks that where a command may be asked for can be compared with where somebody asks.
enum ChannelsChecker {
    /// Where nobody can ask for anything.
    static let silent = ["email", "webhook"]
    /// What Slack says for the name of every private conversation.
    static let slacksPrivateNames = ["#privategroup", "#directmessage"]

    static func problem(with place: Located<Place>) -> Problem? {
        let (channel, address) = (place.value.channel, place.value.address)
        func problem(_ message: String, _ fix: String) -> Problem {
            Problem(message, at: place.location, fix: fix)
        }
        if silent.contains(channel) {
            return problem("nobody can ask for a command by \(channel)", "name a chat's conversation")
        }
        switch channel {
        case "slack":
            if slacksPrivateNames.contains(address) {
                return problem(
                    "Slack says '\(address.dropFirst())' for every private conversation", "write the conversation's id")
            }
            if TextForm.slackID.matches(address) || TextForm.slackName.matches(address) { return nil }
            return problem(
                "'\(place.value)' cannot be compared with where somebody asks",
                "write the conversation's id, as slack:C0123456789, or for a public one slack:#name")
        case "github":
            if TextForm.repository.matches(address) { return nil }
            return problem(
                "'\(place.value)' cannot be compared with where somebody asks",
                "write the repository, as github:owner/name")
        default:
            guard address.hasPrefix("#") else { return nil }
            return problem("'\(channel)' tells ids alone, no names", "write the conversation's id")
        }
    }
}
