import ArgumentParser
import Domain
import Engine
import Foundation

/// `defimon explain 42`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why something happened, or did not: every rule considered, and what each matcher saw.")

    @Argument(help: "A job's number, event/<number>, delivery/<number> or the sender's own delivery id.")
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var location: BotLocation

    func run() async throws {
        do {
            let explanation = try await Explainer(reader: try OfflineLedger.reader(location)).explain(id)
            if json { try Terminal.json(explanation) } else { Terminal.say(explanation.report) }
        } catch let error as Explainer.Unknown {
            throw Complaint(error.message)
        }
    }
}
