import ArgumentParser
import Domain
import Foundation

/// `defimon run "restart-geth geth-0"`: what a person would type in chat.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Ask the running bot for a command and wait for its end.")

    @Argument(help: "The command line, as it would be typed after /defimon.")
    var commandLine: [String]

    @Flag(help: "Show what it would change; change nothing.")
    var plan = false

    @Flag(help: "Do not wait for the job's end.")
    var detach = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var location: BotLocation

    func run() async throws {
        let text = commandLine.joined(separator: " ") + (plan ? " --plan" : "")
        try await withBot(location) { bot in
            let answer = try await bot.post(
                "/api/v1/run", RunRequest(text: text, idempotencyKey: UUID().uuidString), as: RunListing.self)
            guard let id = answer.jobID, !detach, answer.isAccepted else {
                if json { try Terminal.json(answer) } else { Terminal.say(answer.text) }
                if !answer.isAccepted { throw ExitStatus.failed.code }
                return
            }
            let details = try await JobWatch(bot: bot, isQuiet: json).untilEnd(of: id)
            if json {
                try Terminal.json(details)
            } else {
                JobPrinting.end(details)
            }
            if details.job.state != .succeeded { throw ExitStatus.failed.code }
        }
    }
}
