/// Takes over things that are there already: marks them as the pool's, and changes nothing else of them.
package struct Adoption: Sendable {
    /// What every action that adopts puts out.
    package static let outputs: [ActionType.Output] = [
        .init("changed", .flag, "False when all that are there were the pool's already"),
        .init("adopted", .list(.text(nil)), "What is the pool's now, and was not"),
        .init("differs", .list(.text(nil)), "How things differ from what is wanted"),
        .init("missing", .list(.text(nil)), "What is not there"),
        .init("summary", .text(nil), "One line for people"),
    ]

    private let found: [AdoptionFinding]

    /// Of all things that are listed, each checked.
    package init(_ found: [AdoptionFinding]) { self.found = found }

    package var plan: ActionPlan {
        ActionPlan(
            changes: found.filter(\.isToBeMarked).map { "\($0.title): adopted by the pool \($0.wanted)" },
            notes: found.filter { !$0.isThere }.map { "\($0.title) is not there" }
                + found.flatMap(\.differences).map { "differs: \($0)" })
    }

    /// Marks one after the other, and gives the outputs. Throws what marking throws.
    package func perform(_ context: ActionContext) async throws -> JSONValue {
        let marked = found.filter(\.isToBeMarked)
        for (index, finding) in marked.enumerated() {
            context.progress("\(index + 1) of \(marked.count): \(finding.title)")
            try await finding.mark()
        }
        let missing = found.filter { !$0.isThere }.map(\.title)
        let differences = found.flatMap(\.differences)
        let there = found.count - missing.count
        return [
            "changed": .bool(!marked.isEmpty), "adopted": Field.strings(marked.map(\.title)),
            "differs": Field.strings(differences), "missing": Field.strings(missing),
            "summary": .string(
                "\(marked.count) adopted of \(there) that are there, \(differences.count) differences, "
                    + "\(missing.count) not there"),
            "details": .string((differences + missing.map { "not there: \($0)" }).joined(separator: "\n")),
        ]
    }
}
