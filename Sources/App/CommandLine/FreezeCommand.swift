import ArgumentParser
import Domain
import Foundation

/// `defimon freeze "reason"`: what a lead would type in chat, when chat is down.
struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Let the running bot start nothing that changes anything, until the thaw.")

    @Argument(help: "Why; people read it.")
    var reason: [String]

    @OptionGroup var location: BotLocation

    func run() async throws {
        // Quotes would hold words together that are joined all the same.
        let words = reason.joined(separator: " ").filter { !"\"'“”".contains($0) }
        try await FreezeCommand.ask("freeze \(words)", location)
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

/// `defimon thaw`.
struct ThawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thaw", abstract: "End a freeze: what was held starts, unless it has waited for too long.")

    @OptionGroup var location: BotLocation

    func run() async throws { try await FreezeCommand.ask("thaw", location) }
}
