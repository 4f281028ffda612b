import Domain
import Foundation

/// What people read who asked for something that cannot be.
enum Refusals {
    static func bad(_ text: String) -> Report { Report(mood: .warning, title: text) }

    static func badArguments(_ message: String, _ command: CommandDefinition) -> Report {
        let usage = CommandLine.usage(of: command)
        var text = "Usage: /defimon \(usage)"
        if let example = command.examples.first { text += "\nFor example: /defimon \(example)" }
        // It is said once.
        let what = message.replacing(" — usage: \(usage)", with: "")
        return Report(mood: .warning, title: "Nothing was done: \(what)", blocks: [.text(text)])
    }

    static func unknownPerson(_ identity: Identity, _ definitions: DefinitionSet) -> Report {
        let leads = definitions.people.filter { $0.roles.contains("lead") }
        let whom = askWhom(leads.isEmpty ? definitions.people : leads)
        return Report(
            mood: .warning, title: "I do not know you, so I may not do anything for you.",
            blocks: [.text("Your id here is \(identity). Ask \(whom) to add it under people in the settings.")])
    }

    static func notAllowed(_ person: Person, _ reason: String, askWhom able: [Person]) -> Report {
        Report(
            mood: .warning, title: "Not done: \(reason).",
            blocks: [.text("You have \(roles(person)). Who can run it: \(askWhom(able))")])
    }

    static func elsewhere(_ command: CommandDefinition) -> Report {
        let places = command.channels.map(\.description).joined(separator: " or ")
        return Report(
            mood: .warning, title: "Not done: '\(command.name)' is taken in \(places) alone.",
            blocks: [.text("Type it there. On the bot's machine `defimon run` works as well.")])
    }

    static func tooMany(_ rate: RequestRate, until: Date, now: Date) -> Report {
        let wait = max(until.since(now), .seconds(1))
        return Report(
            mood: .warning,
            title:
                "Not done: you have asked \(rate.count) times within \(DurationText.human(rate.per)), which is the limit.",
            blocks: [
                .text(
                    "Try again in \(DurationText.human(wait)), at \(PersonTime.text(until)). cancel and freeze are always taken."
                )
            ])
    }

    static func unknownCommand(_ words: [String], _ person: Person, _ definitions: DefinitionSet) -> Report {
        if let group = definitions.group(named: words) { return subcommandMissing(words, group) }
        let asked = words.prefix(2).joined(separator: " ")
        let known =
            definitions.commands.values.filter { Authorization(definitions).mayAsk(person, $0) }.map(\.name)
            + BuiltIn.allCases.map(\.rawValue)
        let nearest = NearestName.several(words.first ?? "", in: known)
        let text =
            nearest.isEmpty
            ? "/defimon help lists what you can ask for."
            : "Did you mean " + nearest.map { "/defimon \($0)" }.joined(separator: ", ") + "?"
        return Report(mood: .warning, title: "There is no command '\(asked)'.", blocks: [.text(text)])
    }

    private static func subcommandMissing(_ words: [String], _ group: CommandGroup) -> Report {
        let next = words.dropFirst(group.name.split(separator: " ").count).first
        let nearest = next.map { NearestName.several($0, in: group.subcommands) } ?? []
        let names = nearest.isEmpty ? group.subcommands : nearest
        let list = names.map { "/defimon \(group.name) \($0)" }.joined(separator: ", ")
        return Report(
            mood: .warning,
            title: next.map { "'\(group.name)' has no subcommand '\($0)'." } ?? "'\(group.name)' needs a subcommand.",
            blocks: [.text(nearest.isEmpty ? "There is \(list)." : "Did you mean \(list)?")])
    }

    static func roles(_ person: Person) -> String {
        person.roles.isEmpty ? "no role" : person.roles.sorted().joined(separator: ", ")
    }

    static func askWhom(_ people: [Person]) -> String {
        people.isEmpty ? "nobody yet" : people.map(\.name).sorted().prefix(5).joined(separator: ", ")
    }
}
