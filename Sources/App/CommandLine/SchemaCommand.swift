import ArgumentParser
import Definitions
import Domain
import Foundation
import GoogleCloud

/// `defimon schema`.
struct SchemaCommand: AsyncParsableCommand {
    enum What: String, CaseIterable, ExpressibleByArgument {
        case command, rule, schedule, settings, reference, events
        case googleCloudRole = "google-cloud-role"
    }

    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract:
            "Print the JSON Schema of a kind of file for editors, the fields of events, the reference page of everything, or the role that Google Cloud's actions need."
    )

    @Argument(help: "command, rule, schedule, settings, events, reference or google-cloud-role.")
    var what: What

    @Argument(help: "For events: one source, such as github.")
    var source: String?

    func validate() throws {
        if source != nil, what != .events { throw ValidationError("'\(source ?? "")' is one word too many") }
    }

    func run() async throws {
        let known = try Catalogue.unconnected(root: ".")
        let schemas = SchemaWriter(actions: known.actions, sections: Catalogue.sections)
        switch what {
        case .command: Terminal.say(schemas.command.canonicalText)
        case .rule: Terminal.say(schemas.rule.canonicalText)
        case .schedule: Terminal.say(schemas.schedule.canonicalText)
        case .settings: Terminal.say(schemas.settings.canonicalText)
        case .events: Terminal.say(try events(known.decoders))
        case .googleCloudRole: Terminal.say(CustomRole.json)
        case .reference:
            Terminal.say(
                ReferencePage(actions: known.actions, sections: Catalogue.sections, decoders: known.decoders).markdown)
        }
    }

    private func events(_ decoders: [any EventDecoder]) throws -> String {
        let sorted = decoders.sorted { $0.source.rawValue < $1.source.rawValue }
        let wanted = source.map { name in sorted.filter { $0.source.rawValue == name } } ?? sorted
        guard !wanted.isEmpty else {
            let names = sorted.map(\.source.rawValue)
            let nearest = NearestName.of(source ?? "", in: names).map { "; did you mean '\($0)'?" }
            throw Complaint(
                "there is no source '\(source ?? "")'" + (nearest ?? "; sources: \(names.joined(separator: ", "))"),
                .usage)
        }
        return wanted.map { EventTable($0).text }.joined(separator: "\n\n")
    }
}
