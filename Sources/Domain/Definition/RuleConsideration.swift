/// What a rule makes of an event: the same code serves the engine, `explain`, and the examples that are run as tests.
package struct RuleConsideration: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// A matcher said no, or an extraction did not match.
        case noMatch(String)
        /// The rule matches, and cannot run its command: what is wrong.
        case problem(String)
        /// The rule runs its command with these arguments.
        case runs(command: String, arguments: [String: JSONValue], commandLine: String)
    }

    /// How the reason of a rule begins that is for another source.
    package static let otherSource = "the rule is for "

    package var rule: String
    /// Each matcher with what it saw, up to the first that said no.
    package var verdicts: [Matcher.Verdict]
    /// What `extract` found.
    package var variables: [String: JSONValue]
    package var outcome: Outcome
    /// Where its job is told, and where when it fails: the places that could be filled in. Not stored: the job has them.
    package var report: [Place] = []
    package var escalate: [Place] = []
    /// The rule's `verify`, and its further remedies, filled in. Not stored: the job has them.
    package var verify: VerifyDefinition?
    package var remedies: [JobLadder.Remedy] = []
}

extension RuleDefinition {
    /// Looks at an event: matchers, extractions, then the command's arguments.
    package func consider(_ event: Event, in definitions: DefinitionSet) -> RuleConsideration {
        var result = RuleConsideration(rule: name, verdicts: [], variables: [:], outcome: .noMatch(""))
        guard event.source == source else {
            result.outcome = .noMatch("\(RuleConsideration.otherSource)\(source), the event is from \(event.source)")
            return result
        }
        guard isEnabled else {
            result.outcome = .noMatch("it is switched off (enabled: false)")
            return result
        }
        guard event.isGroup == (forEach == .group) else {
            result.outcome = .noMatch(
                event.isGroup
                    ? "it looks at each alert by itself (for_each: alert), and this is the whole group"
                    : "it looks at whole groups (for_each: group), and this is none")
            return result
        }
        for matcher in match {
            let verdict = matcher.verdict(on: event.attributes)
            result.verdicts.append(verdict)
            guard verdict.holds else {
                result.outcome = .noMatch("\(verdict.matcher) does not hold: it saw \"\(verdict.saw)\"")
                return result
            }
        }
        for extraction in extract {
            let saw = event.attributes.at(path: extraction.path)?.plainText ?? ""
            guard let groups = extraction.pattern.groups(in: saw) else {
                result.outcome = .noMatch(
                    "\(extraction.path) does not match '\(extraction.pattern.text)': it is \"\(saw.prefix(200))\"")
                return result
            }
            for (name, value) in groups { result.variables[name] = .string(value) }
        }
        let scope = ruleScope(event, result.variables, definitions)
        result.outcome = arguments(scope, definitions)
        fillIn(&result, scope, definitions)
        return result
    }

    /// A rule that names a place which cannot be filled in cannot run.
    private func fillIn(_ result: inout RuleConsideration, _ scope: JSONValue, _ definitions: DefinitionSet) {
        func places(_ templates: [PlaceTemplate]) -> [Place] {
            templates.compactMap { template in
                do throws(PlaceTemplate.Unusable) { return try template.place(scope) } catch {
                    if case .runs = result.outcome { result.outcome = .problem(error.reason) }
                    return nil
                }
            }
        }
        result.report = places(report)
        result.escalate = places(escalate)
        do {
            result.verify = try verify?.filledIn(scope)
            result.remedies = try otherwise.map { try remedy($0, scope, definitions) }
        } catch let error as Template.Missing {
            if case .runs = result.outcome { result.outcome = .problem("nothing provides {{\(error.path)}}") }
        } catch {
            if case .runs = result.outcome {
                result.outcome = .problem((error as? CommandLine.Invalid)?.message ?? "\(error)")
            }
        }
    }

    private func remedy(_ remedy: RemedyDefinition, _ scope: JSONValue, _ definitions: DefinitionSet) throws
        -> JobLadder.Remedy
    {
        guard let command = definitions.commands[remedy.run] else {
            throw CommandLine.Invalid("there is no command '\(remedy.run)'")
        }
        let parsed = try command.arguments(from: remedy.with, scope)
        return JobLadder.Remedy(
            command: remedy.run, arguments: parsed.arguments,
            verify: try (remedy.verify ?? verify)?.filledIn(scope))
    }

    private func arguments(_ scope: JSONValue, _ definitions: DefinitionSet) -> RuleConsideration.Outcome {
        guard let command = definitions.commands[run] else { return .problem("there is no command '\(run)'") }
        do throws(CommandLine.Invalid) {
            let parsed = try command.arguments(from: with, scope)
            return .runs(
                command: run, arguments: parsed.arguments, commandLine: CommandLine.text(of: command, parsed))
        } catch {
            return .problem(error.message)
        }
    }

    /// What templates of a rule see: the event's attributes, what `extract` found, and the settings' variables.
    package func ruleScope(_ event: Event, _ variables: [String: JSONValue], _ definitions: DefinitionSet) -> JSONValue
    {
        var scope = event.attributes.objectValue ?? [:]
        scope["event"] = event.attributes
        for (name, value) in definitions.variables { scope[name] = value }
        for (name, value) in variables { scope[name] = value }
        return .object(scope)
    }
}

extension Event {
    /// Whether it is about a whole group of alerts.
    package var isGroup: Bool { if case .alert(let alert) = origin { alert.group != nil } else { false } }
}
