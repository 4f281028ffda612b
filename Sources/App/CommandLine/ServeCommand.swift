import ArgumentParser
import Domain
import Foundation

/// `defimon serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the bot.")

    @OptionGroup var location: BotLocation

    @Option(help: "The folder of commands/, webhooks/ and deploy/. Else the folder of the settings.")
    var root: String?

    func run() async throws {
        let settings = URL(filePath: try location.configPath()).path
        let folder = BotLocation.folder(of: settings)
        let process = BotProcess()
        let bot = try await Bot(
            Bot.Files(settings: settings, root: root.map { URL(filePath: $0).path } ?? folder),
            redactor: process.redactor, metrics: process.metrics, logger: process.logger)
        do {
            try await process.run(bot.services, grace: bot.settings.limits.shutdownGrace)
        } catch {
            await bot.connections.shutdown()
            throw Complaint("the bot ended: \(error)", .unreachable)
        }
        await bot.connections.shutdown()
    }
}
