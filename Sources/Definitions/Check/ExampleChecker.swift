import Domain
import Foundation

/// Runs the examples of rules as tests.
struct ExampleChecker {
    let root: URL
    let decoders: [any EventDecoder]
    let definitions: DefinitionSet

    /// What is wrong with one rule's examples.
    func problems(of rule: RuleExamples) async -> [Problem] {
        var problems: [Problem] = []
        for example in rule.examples {
            if let problem = await problem(of: example, rule) { problems.append(problem) }
        }
        return problems
    }

    private func problem(of example: RuleExample, _ rule: RuleExamples) async -> Problem? {
        let events: [Event]
        do {
            let bytes = try DefinitionFiles.payload(example.file, beside: rule.file, root: root)
            guard let decoder = decoders.first(where: { $0.source == rule.rule.source }) else { return nil }
            events = try await decoder.events(in: delivery(bytes, example, decoder.source))
        } catch let problem as Problem {
            return Problem(problem.message, at: example.location, fix: problem.fix)
        } catch let error as UndecodableDelivery {
            return Problem("the payload '\(example.file)' cannot be decoded: \(error.reason)", at: example.location)
        } catch {
            return Problem("the payload '\(example.file)' cannot be decoded: \(error)", at: example.location)
        }
        return verdict(example, events, rule.rule)
    }

    private func delivery(_ bytes: [UInt8], _ example: RuleExample, _ source: Source) -> Delivery {
        var headers = ["content-type": "application/json"]
        if let event = example.event {
            // docs.github.com/webhooks/webhook-events-and-payloads, "Delivery headers".
            headers["x-github-event"] = event
            headers["x-github-delivery"] = "00000000-0000-4000-8000-000000000000"
        }
        return Delivery(
            source: source, route: "alerts", headers: headers, body: bytes, receivedAt: Date(),
            remoteAddress: "example")
    }

    private func verdict(_ example: RuleExample, _ events: [Event], _ rule: RuleDefinition) -> Problem? {
        var lines: [String] = []
        var others: [String] = []
        var rule = rule
        rule.isEnabled = true
        for event in events {
            switch rule.consider(event, in: definitions).outcome {
            case .runs(_, _, let line): if !lines.contains(line) { lines.append(line) }
            case .noMatch(let reason): others.append("\(event.subject): \(reason)")
            case .problem(let reason): others.append("\(event.subject): \(reason)")
            }
        }
        if let wanted = example.runs, let command = canonical(wanted) {
            if lines == [command] { return nil }
        } else if example.runs == nil, lines.isEmpty {
            return nil
        }
        let wanted = example.runs.map { "'\($0)'" } ?? "nothing"
        return Problem(
            "the example should run \(wanted), and it runs \(did(lines, others, events))", at: example.location)
    }

    /// The line in the form in which the engine writes it.
    private func canonical(_ line: String) -> String? {
        do throws(CommandLine.Invalid) {
            let words = try CommandLine.words(line)
            guard let found = definitions.command(named: words) else { return line }
            return CommandLine.text(of: found.definition, try CommandLine.parse(found.rest, for: found.definition))
        } catch { return line }
    }

    private func did(_ lines: [String], _ others: [String], _ events: [Event]) -> String {
        if !lines.isEmpty { return lines.prefix(5).map { "'\($0)'" }.joined(separator: " and ") }
        if events.isEmpty { return "nothing: the payload holds no event" }
        return "nothing: " + others.prefix(3).joined(separator: "; ")
    }
}
