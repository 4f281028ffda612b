/// Ids and names of the stand-in's workspace and of the bot in it.
package enum SlackTeam {
    package static let id = "T0SANDBOX"
    package static let domain = "sandbox"
    package static let name = "Defimon sandbox"
    package static let appID = "A0DEFIMON"
    package static let botID = "B0DEFIMON"
    package static let botUserID = "U0DEFIMON"
    package static let botName = "defimon"
}
