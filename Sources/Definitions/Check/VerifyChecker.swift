import Domain

/// Checks what proves an effect.
struct VerifyChecker {
    let actions: ActionCatalogue
    /// What the inputs may name; nil: nobody knows, which is reported elsewhere.
    let scope: PathScope?
    private(set) var problems: [Problem] = []

    init(actions: ActionCatalogue, scope: PathScope?) {
        self.actions = actions
        self.scope = scope
    }

    /// `knowsAlert`: whether there may be an alert whose resolve proves something.
    mutating func definition(of file: VerifyFile, knowsAlert: Bool) -> VerifyDefinition {
        if !knowsAlert, let alert = file.alertResolvedWithin {
            problems.append(
                Problem(
                    "a command knows no alert: people ask for it too", at: alert.location,
                    fix: "write alert_resolved_within in the rule, and here 'uses'"))
        }
        if file.keys.isDisjoint(with: ["alert_resolved_within", "uses"]) {
            problems.append(
                Problem(
                    "nothing is proven", at: file.location,
                    fix: knowsAlert
                        ? "add alert_resolved_within: 20m, or uses: with an action that only looks"
                        : "add uses: with an action that only looks"))
        }
        return VerifyDefinition(
            alertResolvedWithinMilliseconds: file.alertResolvedWithin?.value.milliseconds, checks: checks(of: file))
    }

    private mutating func checks(of file: VerifyFile) -> [VerifyCheck] {
        guard let name = file.action else {
            for key in ["with", "within", "every"] where file.keys.contains(key) && !file.keys.contains("uses") {
                problems.append(
                    Problem("'\(key)' has no effect without 'uses'", at: file.location, fix: "add uses, or remove it"))
            }
            return []
        }
        checkAction(name, file)
        let every = file.every?.value ?? VerifyCheck.usualEvery
        guard let within = file.within else {
            if !file.keys.contains("within") {
                problems.append(
                    Problem("nothing says how long '\(name.value)' may take", at: name.location, fix: "add within: 20m")
                )
            }
            return []
        }
        if let written = file.every, written.value > within.value {
            problems.append(Problem("'every' is longer than 'within'", at: written.location))
        }
        return [
            VerifyCheck(
                action: name.value, input: file.input.json, withinMilliseconds: within.value.milliseconds,
                everyMilliseconds: every.milliseconds)
        ]
    }

    private mutating func checkAction(_ name: Located<String>, _ file: VerifyFile) {
        guard let type = actions[name.value] else {
            let reading = actions.names.filter { actions[$0]?.effect == .reads }
            problems.append(
                Problem(
                    "there is no action '\(name.value)'", at: name.location,
                    fix: NearestName.of(name.value, in: reading).map { "did you mean '\($0)'?" }
                        ?? "actions that only look: \(reading.joined(separator: ", "))"))
            return
        }
        guard type.effect == .reads else {
            problems.append(
                Problem(
                    "'\(name.value)' changes something, and a proof only looks", at: name.location,
                    fix: "make it a step of the command"))
            return
        }
        if let scope { problems += scope.problems(in: file.input) }
        let scope = scope
        var reader = InputReader.checking(file.input, typeOf: { scope?.type(of: $0) })
        _ = type.make(&reader)
        reader.finish()
        problems += reader.problems
    }
}
