import Domain

/// Finds rules that can never run.
enum RuleReach {
    /// Conditions of one rule that no event can meet together.
    static func contradictions(in file: RuleFile) -> [Problem] {
        var problems: [Problem] = []
        for (index, later) in file.match.enumerated() {
            for earlier in file.match[..<index] where contradict(earlier.value, later.value) {
                problems.append(
                    Problem(
                        "this rule can never run: '\(later.value)' contradicts '\(earlier.value)'", at: later.location,
                        fix: "remove one of them, or write one with =~ \"a|b\""))
            }
        }
        for (path, pattern) in file.extract {
            for matcher in file.match
            where matcher.value.path == path.value && matcher.value.comparison == .equal
                && !pattern.value.matches(matcher.value.value)
            {
                problems.append(
                    Problem(
                        "this rule can never run: '\(matcher.value)' contradicts the pattern '\(pattern.value.text)'",
                        at: pattern.location, fix: "a pattern must match the whole text"))
            }
        }
        return problems
    }

    /// Whether no value meets both. Only what is certain counts: one of them asks for one certain value.
    private static func contradict(_ left: Matcher, _ right: Matcher) -> Bool {
        guard left.path == right.path else { return false }
        func excludes(_ fixed: Matcher, _ other: Matcher) -> Bool {
            fixed.comparison == .equal && !other.verdict(on: .object([fixed.path: .string(fixed.value)])).holds
        }
        if excludes(left, right) || excludes(right, left) { return true }
        let isOpposite: (Matcher.Comparison, Matcher.Comparison) -> Bool = { $0 == .matches && $1 == .doesNotMatch }
        return left.value == right.value
            && (isOpposite(left.comparison, right.comparison) || isOpposite(right.comparison, left.comparison))
    }

    /// Rules that only repeat what an earlier one of the same source does: it matches whenever they do, and runs the same.
    static func repeated(_ rules: [RuleDefinition]) -> [Problem] {
        let sorted = rules.sorted { ($0.source.rawValue, $0.name) < ($1.source.rawValue, $1.name) }
        var problems: [Problem] = []
        for (index, rule) in sorted.enumerated() where !rule.match.isEmpty {
            guard let earlier = sorted[..<index].first(where: { covers($0, rule) }) else { continue }
            problems.append(
                Problem(
                    "rule '\(rule.name)' is never needed: '\(earlier.name)' matches whenever it does, and runs the same",
                    at: rule.location, fix: "remove one of them, or change its match"))
        }
        return problems
    }

    private static func covers(_ earlier: RuleDefinition, _ later: RuleDefinition) -> Bool {
        earlier.source == later.source && earlier.forEach == later.forEach && earlier.run == later.run
            && arguments(earlier) == arguments(later)
            && Set(earlier.match).isSubset(of: later.match) && Set(earlier.extract).isSubset(of: later.extract)
    }

    private static func arguments(_ rule: RuleDefinition) -> [String: JSONValue] {
        Dictionary(rule.with.map { ($0.name, $0.value.json) }, uniquingKeysWith: { first, _ in first })
    }
}
