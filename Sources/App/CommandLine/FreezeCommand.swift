import ArgumentParser
import Domain
import Foundation

/// `defimon freeze [pool] "reason"`: what a lead would type in chat, when chat is down.
struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Let the running bot start nothing that changes anything, until the thaw.")

    @Argument(help: "Why; people read it. A pool's name as the first word freezes that pool alone.")
    var reason: [String]

    @Flag(help: "Cancel what runs.")
    var now = false

    @Flag(help: "Stop upkeep by schedule too: renewals, teardown of what has had its time.")
    var all = false

    @OptionGroup var location: BotLocation

    func run() async throws {
        // Quotes would hold words together that are joined all the same.
        let words = reason.joined(separator: " ").filter { !"\"'“”".contains($0) }
        let flags = (now ? " --now" : "") + (all ? " --all" : "")
        try await FreezeCommand.ask("freeze\(flags) \(words)", location)
    }

    /// Asks the running bot for a built-in command and prints its answer.
    static func ask(_ text: String, _ location: BotLocation) async throws {
        try await withBot(location) { bot in
            let answer = try await bot.post(
                "/api/v1/run", RunRequest(text: text, idempotencyKey: nil), as: RunListing.self)
            guard answer.isAccepted else { throw Complaint(answer.text) }
            Terminal.say(answer.text)
        }
    }
}

/// `defimon thaw [pool]`.
struct ThawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thaw", abstract: "End a freeze: what was held starts, unless it has waited for too long.")

    @Argument(help: "The pool, when it is frozen by itself.")
    var pool: String?

    @OptionGroup var location: BotLocation

    func run() async throws {
        try await FreezeCommand.ask((["thaw"] + [pool].compactMap(\.self)).joined(separator: " "), location)
    }
}
