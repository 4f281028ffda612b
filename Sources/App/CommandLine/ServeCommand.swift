import ArgumentParser
import Domain
import Foundation
import Kubernetes

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
        let files = Bot.Files(settings: settings, root: root.map { URL(filePath: $0).path } ?? folder)
        switch try await LeaseGate(files: files, process: process).open() {
        case .notSet: try await serve(files, process, nil)
        case .stopped: return
        case .taken(let lease, let clusters):
            let outcome = await holding(lease) { try await serve(files, process, lease) }
            await clusters.shutdown()
            try outcome.get()
        }
    }

    /// Keeps the Lease while `body` runs, and gives it back afterwards.
    private func holding(
        _ lease: LeaseKeeper, _ body: @escaping @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        let deadline = LeaseDeadline(lease)
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { await lease.keep() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            group.cancelAll()
            return outcome
        }
        deadline.disarm()
        await lease.release()
        return outcome
    }

    private func serve(_ files: Bot.Files, _ process: BotProcess, _ lease: LeaseKeeper?) async throws {
        let bot = try await Bot(
            files, redactor: process.redactor, metrics: process.metrics, lease: lease, logger: process.logger)
        do {
            try await process.run(
                bot.services, grace: bot.settings.limits.shutdownGrace,
                watch: lease.map { LeaseWatch(keeper: $0, engine: bot.engine) })
        } catch let lost as LeaseWatch.Lost {
            await bot.connections.shutdown()
            throw Complaint("\(lost); the bot has ended, so that another may start", .leaseLost)
        } catch {
            await bot.connections.shutdown()
            throw Complaint("the bot ended: \(error)", .unreachable)
        }
        await bot.connections.shutdown()
    }
}
