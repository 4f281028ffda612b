import ArgumentParser
import Domain
import Engine
import Foundation

/// `defimon explain 42`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why something happened, or did not: every rule considered, and what each matcher saw.")

    @Argument(help: "A job's number, event/<number> or delivery/<number>.")
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var location: BotLocation

    func run() async throws {
        guard let report = try await Explainer(reader: try OfflineLedger.reader(location)).explain(id) else {
            throw Complaint("there is no '\(id)'; name a job's number, event/<number> or delivery/<number>")
        }
        if json { try Terminal.json(report) } else { Terminal.say(report) }
    }
}
