import Domain

/// Takes over what is there already of all that files list of a pool, and changes nothing else of it.
struct PoolAdoptAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let inputs: PoolInputs

    static func type(_ cloud: CloudConnection, root: String) -> ActionType {
        ActionType(
            "gcp.adopt-pool",
            "Takes over what is there already of all that a pool's files list, by marking it; shows how it differs",
            effect: .changes,
            outputs: [
                .init("adopted", .integer(nil), "How many things are the pool's now that were nobody's"),
                .init("table", .text(nil), "What was found"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { PoolAdoptAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection, root: String) {
        self.cloud = cloud
        inputs = PoolInputs(&input, root: root)
    }

    private typealias Found = (adoption: Adoption, finding: Adoption.Finding?)

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("the pool cannot be looked at") { client in
            var whole = ActionPlan(changes: [])
            for (adoption, finding) in try await found(client, context) {
                guard let finding else {
                    whole.notes.append("\(adoption.wish.title) is not there; a deploy makes it")
                    continue
                }
                let plan = adoption.plan(finding)
                whole.changes += plan.changes
                whole.notes += plan.notes
            }
            return whole
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("the pool cannot be adopted", changes: true) { client in
            let found = try await found(client, context)
            var adopted = 0
            var lines: [String] = []
            for (adoption, finding) in found {
                guard let finding else {
                    lines.append("\(adoption.wish.title): not there; a deploy makes it")
                    continue
                }
                if finding.pool == nil {
                    context.progress("\(adoption.wish.title)")
                    try await adoption.mark(finding)
                    adopted += 1
                }
                lines.append(adoption.words(finding))
                lines += finding.differences.map { "  \($0)" }
            }
            return [
                "adopted": .int(Int64(adopted)), "table": .string(lines.joined(separator: "\n")),
                "summary": .string("\(adopted) of \(found.count) things were adopted"),
            ]
        }
    }

    private func found(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> [Found] {
        try await Parallel.values(try inputs.wishes(client.defaults), atOnce: PoolRun.atOnce) { _, wish in
            let adoption = Adoption(client: client, wish: wish, context: context)
            return (adoption, try await adoption.look())
        }
    }
}
