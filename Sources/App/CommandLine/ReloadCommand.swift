import ArgumentParser
import Domain

/// `defimon reload`: the same as SIGHUP, with the problems printed.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Load the definitions again; a problem keeps the old ones in force.")

    @OptionGroup var location: BotLocation

    func run() async throws {
        let answer = try await withBot(location) { bot in
            try await bot.post("/api/v1/reload", [String: String](), as: ReloadListing.self)
        }
        for problem in answer.problems { Terminal.complain(problem) }
        guard answer.isLoaded else {
            Terminal.complain(
                "not loaded: \(answer.problems.count) problem\(answer.problems.count == 1 ? "" : "s"). The old definitions stay in force."
            )
            throw ExitStatus.failed.code
        }
        Terminal.say("the definitions are in force")
    }
}
