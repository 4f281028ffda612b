import Domain

/// Whether a step is to run, by its `if` and `unless`.
enum StepNeed {
    /// A plan cannot tell the conditions that are named: it goes by what holds as long as nothing is known of them.
    case needed(conditions: [String])
    case skipped(String)
    /// A plan cannot tell.
    case knownLater(String)

    /// `planned`: the steps of a plan, in which those that have not run tell nothing.
    init(_ definition: StepDefinition, _ scope: JSONValue, planned: [Step]) {
        func isUnknown(_ matcher: Matcher) -> Bool {
            let words = matcher.path.split(separator: ".").map(String.init)
            guard words.count > 2, words[0] == "steps", scope.at(path: matcher.path) == nil else { return false }
            return planned.contains { $0.stepID == words[1] && $0.state != .skipped }
        }
        var conditions: [String] = []
        for matcher in definition.if {
            let verdict = matcher.verdict(on: scope)
            switch (verdict.holds, isUnknown(matcher)) {
            case (true, true): conditions.append("if \(matcher)")
            case (false, true):
                self = .knownLater("needed if \(matcher)")
                return
            case (false, false):
                self = .skipped("not needed: \(verdict.matcher) does not hold")
                return
            case (true, false): break
            }
        }
        if !definition.unless.isEmpty, definition.unless.allSatisfy({ $0.verdict(on: scope).holds }) {
            self = .skipped("not wanted: " + definition.unless.map(\.description).joined(separator: ", "))
            return
        }
        conditions += definition.unless.filter(isUnknown).map { "unless \($0)" }
        self = .needed(conditions: conditions)
    }

    var conditions: [String] {
        if case .needed(let conditions) = self { conditions } else { [] }
    }
}
