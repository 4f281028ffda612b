import ArgumentParser
import Definitions
import Domain
import Foundation

/// `defimon check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Read all definitions and try their examples; print every problem with file, line and column. Warnings alone are no failure."
    )

    @Argument(help: "The folder of commands/ and webhooks/.")
    var folder = "."

    @Option(help: "The settings' file. Else defimon.yaml in the folder, or the example in deploy/bot.")
    var config: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let root = URL(filePath: folder).path
        let candidates =
            config.map { [URL(filePath: $0).path] } ?? [
                "\(root)/defimon.yaml", "\(root)/deploy/bot/defimon.example.yaml",
            ]
        guard let settings = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw Complaint("there is no \(candidates.joined(separator: " and no "))", .usage)
        }
        let environment = try await BotEnvironment(folder: BotLocation.folder(of: settings))
        let loaded = try await Bot.loader(Bot.Files(settings: settings, root: root), environment).loadAndTryExamples()
        let problems = loaded.problems
        if json {
            try Terminal.json((problems + loaded.warnings).map(\.description))
        } else {
            for problem in problems + loaded.warnings { Terminal.say(problem.description) }
        }
        guard problems.isEmpty else {
            if !json { Terminal.complain("\(problems.count) problem\(problems.count == 1 ? "" : "s")") }
            throw ExitStatus.failed.code
        }
        if !json {
            let definitions = loaded.definitions
            Terminal.say(
                "\(definitions?.commands.count ?? 0) commands, \(definitions?.rules.count ?? 0) rules: no problem")
        }
    }
}
