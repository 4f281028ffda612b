import Domain

/// Makes several things what they are wanted to be.
struct EnsureThingsAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let list: ThingList<Thing>

    static func type(_ cloud: CloudConnection, root: String) -> ActionType {
        ActionType(
            "gcp.ensure",
            "Makes several things what they are wanted to be, in the order that they need; looks at all at once first",
            effect: .changes,
            outputs: ThingRun.outputs
        ) { EnsureThingsAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection, root: String) {
        self.cloud = cloud
        list = ThingList(&input, root: root)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan { try await run(context).plan() }

    func perform(_ context: ActionContext) async throws -> JSONValue { try await run(context).perform() }

    private func run(_ context: ActionContext) throws -> ThingRun {
        let client = try cloud.client()
        return try ThingRun(try list.all().map { try ThingPart($0, client, context) }, context)
    }
}
