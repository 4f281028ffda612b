import Domain

/// Checks who may approve, and under which conditions.
enum ApprovalChecker {
    /// `scope` is what is known when a job is made.
    static func problems(
        of sets: [ApprovalFile], _ steps: [StepDefinition], _ scope: PathScope, people: [Person]
    ) -> [Problem] {
        var scope = scope
        for path in ["plan"] + steps.map({ "steps.\($0.id)" }) {
            scope.add("\(path).changes", .integer(nil))
            scope.add("\(path).deletions", .integer(nil))
        }
        return sets.flatMap { scope.problems(in: $0.when) + peopleProblems($0, people) }
    }

    /// A set that nobody can fill would stop every job.
    private static func peopleProblems(_ set: ApprovalFile, _ people: [Person]) -> [Problem] {
        if people.isEmpty || set.from.isEmpty { return [] }
        let known = Set(people.flatMap(\.roles)).sorted()
        var problems: [Problem] = []
        for role in set.from where !known.contains(role.value) {
            problems.append(
                Problem(
                    "nobody in the settings has the role '\(role.value)'", at: role.location,
                    fix: NearestName.of(role.value, in: known).map { "did you mean '\($0)'?" }
                        ?? "roles: \(known.joined(separator: ", "))"))
        }
        let able = people.count { person in set.from.contains { person.roles.contains($0.value) } }
        if problems.isEmpty, let need = set.need, able < need.value {
            problems.append(
                Problem(
                    "\(need.value) people must approve, and only \(able) of the settings may", at: need.location,
                    fix: "lower it, or name another role in 'from'"))
        }
        return problems
    }
}
