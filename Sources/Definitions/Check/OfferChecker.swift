import Domain

/// Checks that what commands offer as buttons are commands.
enum OfferChecker {
    static func problems(of offer: OfferFile, in known: DefinitionSet) -> [Problem] {
        guard let run = offer.run, let line = Located<String>.filled(run.value) else { return [] }
        let words: [String]
        do throws(CommandLine.Invalid) { words = try CommandLine.words(line) } catch {
            return [Problem("the offered command cannot be read: \(error.message)", at: run.location)]
        }
        guard let found = known.command(named: words) else {
            return [unknown(words, run.location, known.commands)]
        }
        if line == run.value {
            do throws(CommandLine.Invalid) { _ = try CommandLine.parse(found.rest, for: found.definition) } catch {
                return [Problem("the offered command cannot run: \(error.message)", at: run.location)]
            }
            return []
        }
        return argumentProblems(found.rest, found.definition, run.location)
    }

    private static func unknown(
        _ words: [String], _ location: SourceLocation, _ commands: [String: CommandDefinition]
    ) -> Problem {
        let names = commands.keys.sorted()
        let nearest = NearestName.of(words.first ?? "", in: names)
        return Problem(
            "there is no command '\(words.first ?? "")'", at: location,
            fix: nearest.map { "did you mean '\($0)'?" } ?? "commands: \(names.joined(separator: ", "))")
    }

    /// Values are not known yet; names of arguments are.
    private static func argumentProblems(
        _ words: ArraySlice<String>, _ command: CommandDefinition, _ location: SourceLocation
    ) -> [Problem] {
        let names = command.arguments.map(\.name) + ["plan"]
        var problems: [Problem] = []
        var given = 0
        for word in words {
            given += 1
            let isOption = word.hasPrefix("--")
            let name = String((isOption ? word.dropFirst(2) : word[...]).prefix { $0 != "=" })
            guard isOption, !names.contains(name) else { continue }
            problems.append(
                Problem(
                    "'\(command.name)' has no argument '\(name)'", at: location,
                    fix: NearestName.of(name, in: names).map { "did you mean '\($0)'?" }))
        }
        let required = command.arguments.filter(\.isRequired).count
        if given < required {
            problems.append(
                Problem(
                    "the offered command gives too few arguments", at: location,
                    fix: "usage: \(CommandLine.usage(of: command))"))
        }
        return problems
    }
}
