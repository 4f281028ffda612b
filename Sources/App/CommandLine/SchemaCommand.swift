import ArgumentParser
import Definitions
import Domain
import Foundation

/// `defimon schema`.
struct SchemaCommand: AsyncParsableCommand {
    enum What: String, CaseIterable, ExpressibleByArgument {
        case command, rule, settings, reference
    }

    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a kind of file for editors, or the reference page of everything.")

    @Argument(help: "command, rule, settings or reference.")
    var what: What

    func run() async throws {
        let known = try Catalogue.unconnected(root: ".")
        let schemas = SchemaWriter(actions: known.actions, sections: Catalogue.sections)
        switch what {
        case .command: Terminal.say(schemas.command.canonicalText)
        case .rule: Terminal.say(schemas.rule.canonicalText)
        case .settings: Terminal.say(schemas.settings.canonicalText)
        case .reference:
            Terminal.say(
                ReferencePage(actions: known.actions, sections: Catalogue.sections, decoders: known.decoders).markdown)
        }
    }
}
