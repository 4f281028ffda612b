import Domain
import Foundation

/// What templates and conditions of a job's steps see.
struct JobScope {
    var job: Job
    var definitions: DefinitionSet

    /// `arguments`, `steps.<id>.<output>`, `job`, `event`, what `extract` found, and the settings' variables; `pool` is
    /// the settings of the pool that an argument of that name gives.
    func value(_ steps: [Step]) -> JSONValue {
        var scope = definitions.variables
        for (name, value) in job.variables { scope[name] = value }
        scope["job"] = .object([
            "id": .int(job.id), "command": .string(job.command), "commandline": .string(job.commandLine),
            "requester": .string(job.requester.description), "person": .string(job.requester.personID ?? ""),
        ])
        if let failure = failure(steps) { scope["failure"] = failure }
        var outputs: [String: JSONValue] = [:]
        for step in steps { if let output = step.output { outputs[step.stepID] = output } }
        scope["steps"] = .object(outputs)
        if let pool = job.arguments["pool"]?.stringValue, let settings = definitions.variables["pools"]?[pool] {
            scope["pool"] = settings
        }
        scope["arguments"] = .object(arguments(scope))
        return .object(scope)
    }

    /// Those that were left out and have a default with templates have what it comes to.
    private func arguments(_ scope: [String: JSONValue]) -> [String: JSONValue] {
        var all = job.arguments
        for argument in definitions.commands[job.command]?.arguments ?? [] {
            guard let template = argument.defaultTemplate, all[argument.name] == argument.defaultValue,
                let value = try? template.render(.object(scope))  // it stays as it is written, which no action takes
            else { continue }
            all[argument.name] = value
        }
        return all
    }

    /// What went wrong, for `on_failure`: which step, why, and as what the job ends. Nil when nothing did.
    private func failure(_ steps: [Step]) -> JSONValue? {
        let bad: Set<StepState> = [.failed, .timedOut, .cancelled, .unknown]
        let step = steps.first { !$0.isOnFailure && bad.contains($0.state) }
        let outcome: JobState
        switch step?.state {
        case _ where job.state.isFinal: outcome = job.state
        case .cancelled: outcome = job.supersededBy != nil || step?.isOutdated == true ? .superseded : .cancelled
        case .timedOut: outcome = .timedOut
        case .unknown: outcome = .unknown
        case .failed: outcome = .failed
        case .pending, .running, .succeeded, .skipped, nil: return nil
        }
        guard outcome != .succeeded else { return nil }
        return [
            "step": .string(step?.name ?? ""), "reason": .string(step?.error ?? job.reason ?? ""),
            "outcome": .string(outcome.rawValue),
        ]
    }

    /// A text of a definition, filled in; what cannot be filled in is shown as it is written.
    func text(_ template: String, _ steps: [Step]) -> String {
        let scope = value(steps)
        do { return try Template(parsing: template).render(scope).plainText } catch { return template }
    }
}
