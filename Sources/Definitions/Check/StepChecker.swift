import Domain

/// Checks the steps of one command, in their order: each sees what the earlier ones give out.
struct StepChecker {
    let actions: ActionCatalogue
    /// What the next step may name.
    private(set) var scope: PathScope
    private(set) var problems: [Problem] = []
    private var ids: Set<String>
    private var isOnFailure = false

    init(actions: ActionCatalogue, scope: PathScope, all steps: [StepFile]) {
        self.actions = actions
        self.scope = scope
        ids = []
        for step in steps {
            guard let id = step.id?.value, let type = step.action.flatMap({ actions[$0.value] }) else { continue }
            for output in StepChecker.outputs(of: type) {
                self.scope.addElsewhere("steps.\(id).\(output.name)", "the step '\(id)' runs later; move it up")
            }
        }
    }

    /// Checks one step, and adds its outputs to the scope.
    mutating func check(_ file: StepFile, jobTimeout: Duration) -> StepDefinition {
        let type = self.type(of: file)
        let id = self.id(of: file)
        problems += scope.problems(in: file.input) + scope.problems(in: file.if) + scope.problems(in: file.unless)
        var waits = false
        if let type {
            let scope = scope
            var reader = InputReader.checking(file.input, typeOf: { scope.type(of: $0) })
            let action = type.make(&reader)
            reader.finish()
            problems += reader.problems
            waits = action is any AwaitingAction
            if isOnFailure, waits { problems.append(waitProblem(file)) }
        }
        // Time in which a job waits does not count for it.
        if let timeout = file.timeout, timeout.value > jobTimeout, !waits {
            problems.append(
                Problem(
                    "the step may take \(DurationText.human(timeout.value)), and the whole command "
                        + DurationText.human(jobTimeout), at: timeout.location,
                    fix: "give the command a longer 'timeout'"))
        }
        if let name = file.name, name.value.contains("{{") {
            problems.append(
                Problem("templates are not filled in in a step's name", at: name.location, fix: "write plain text"))
        }
        addOutputs(of: type, id: id)
        return StepDefinition(
            name: file.name?.value ?? file.action?.value ?? id, id: id, action: file.action?.value ?? "",
            input: file.input, timeout: file.timeout?.value, retry: file.retry, if: file.if.map(\.value),
            unless: file.unless.map(\.value), location: file.location)
    }

    /// The steps that follow run after a failure, and may name it.
    mutating func enterOnFailure() {
        isOnFailure = true
        scope.add("failure.step", .text(nil))
        scope.add("failure.reason", .text(nil))
        scope.add("failure.outcome", .choice(StepChecker.failureOutcomes))
    }

    /// How a job may have ended when its `on_failure` runs.
    static let failureOutcomes = ["failed", "cancelled", "timed-out", "superseded"]

    private func waitProblem(_ file: StepFile) -> Problem {
        Problem(
            "'\(file.action?.value ?? "")' waits until something is there, and after a failure nothing is waited for",
            at: file.action?.location ?? file.location, fix: "move it into the command's steps")
    }

    private mutating func type(of file: StepFile) -> ActionType? {
        guard let name = file.action else { return nil }
        if let type = actions[name.value] { return type }
        problems.append(
            Problem(
                "there is no action '\(name.value)'", at: name.location,
                fix: NearestName.of(name.value, in: actions.names).map { "did you mean '\($0)'?" }
                    ?? "actions: \(actions.names.joined(separator: ", "))"))
        return nil
    }

    /// The id the file gives, or one made of the name or of the action's last part, made different from those before.
    private mutating func id(of file: StepFile) -> String {
        if let id = file.id {
            if !ids.insert(id.value).inserted {
                problems.append(
                    Problem(
                        "the id '\(id.value)' belongs to an earlier step", at: id.location, fix: "choose another one"))
            }
            return id.value
        }
        let action = file.action?.value.split(separator: ".").last.map(String.init) ?? ""
        let base =
            [StepChecker.slug(file.name?.value ?? ""), StepChecker.slug(action), "step"].first { !$0.isEmpty } ?? ""
        var id = base
        var number = 2
        while !ids.insert(id).inserted {
            id = "\(base)-\(number)"
            number += 1
        }
        return id
    }

    /// Small letters, digits and single hyphens, at most 40.
    static func slug(_ text: String) -> String {
        var slug = ""
        for character in text.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                slug.append(character)
            } else if !slug.isEmpty, slug.last != "-" {
                slug.append("-")
            }
        }
        slug = String(slug.prefix(40))
        while slug.last == "-" { slug.removeLast() }
        return slug
    }

    private mutating func addOutputs(of type: ActionType?, id: String) {
        guard let type else { return scope.addOpen("steps.\(id)") }
        for output in StepChecker.outputs(of: type) {
            scope.add("steps.\(id).\(output.name)", output.type)
            // Only the run knows the names in a map.
            if case .map = output.type { scope.addOpen("steps.\(id).\(output.name)") }
        }
    }

    /// What an action declares, and what every action may give.
    static func outputs(of type: ActionType) -> [ActionType.Output] {
        let common = [
            ActionType.Output("summary", .text(nil), "One line, shown beside the step"),
            ActionType.Output("details", .text(nil), "Longer text, shown in the job's thread"),
        ]
        return type.outputs + common.filter { output in !type.outputs.contains { $0.name == output.name } }
    }
}
