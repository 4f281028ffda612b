import Domain

/// Keeps how many servers of a name a pool is to have, so that deploys make as many; makes and deletes none itself.
struct CountAction: RepeatableAction, Plannable {
    private let override: CountOverride
    private let count: Int?

    static func type() -> ActionType {
        ActionType(
            "hetzner.scale",
            "Keeps how many servers of a name a pool is to have, so that deploys keep it; the kind servers reads it by its keep",
            effect: .changes,
            outputs: [
                .init("count", .integer(nil), "How many are kept; -1 when what files say counts again"),
                .init("before", .integer(nil), "How many were kept before; -1 when none were"),
                .init("changed", .flag, "False when it was so already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { CountAction(&$0) }
    }

    init(_ input: inout InputReader) {
        override = CountOverride(
            pool: input.pool(),
            name: input.text(
                "name", "The name under which files take it, by keep: workers", pattern: HetznerName.thing))
        count = input.optionalInteger("count", "How many there are to be", in: ServerGroup.counts)
        let forgets = input.flag("forget", "Instead of count: what files say counts again")
        if forgets == input.isGiven("count") {
            input.report("give one of 'count' and 'forget'", field: "count")
        }
    }

    private var title: String { "\(override.name) of the pool \(override.pool)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let before = try await override.count(context.kept)?.count
        guard before != count else { return ActionPlan(changes: []) }
        let isFewer = before.map { $0 > count ?? $0 } ?? false
        return ActionPlan(
            changes: ["\(title): \(words(before)) → \(words(count))"], deletions: isFewer ? 1 : 0)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let before = try await override.count(context.kept)?.count
        if before != count {
            if let count {
                try await override.keep(count, context.kept)
            } else {
                try await override.forget(context.kept)
            }
        }
        return [
            "count": .int(Int64(count ?? -1)), "before": .int(Int64(before ?? -1)), "changed": .bool(before != count),
            "summary": .string("\(title): " + (before == count ? "\(words(count)) already" : words(count))),
        ]
    }

    private func words(_ count: Int?) -> String { count.map { "\($0)" } ?? "as files say" }
}
