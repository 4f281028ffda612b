import Domain

/// Makes several things what they are wanted to be.
struct EnsureThingsAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let list: ThingList

    static func type(_ cloud: CloudConnection, root: String) -> ActionType {
        ActionType(
            "gcp.ensure",
            "Makes several things what they are wanted to be, in the order that they need; looks at all at once first",
            effect: .changes,
            outputs: [
                .init("count", .integer(nil), "How many things are listed"),
                .init("changes", .integer(nil), "How many changes were made"),
                .init("changed", .flag, "False when all were as wanted already"),
                .init("things", .map(.any), "The outputs of each by kind and name: things.address-rpc.address"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { EnsureThingsAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection, root: String) {
        self.cloud = cloud
        list = ThingList(&input, root: root)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan { try await run(context).plan() }

    func perform(_ context: ActionContext) async throws -> JSONValue { try await run(context).perform() }

    private func run(_ context: ActionContext) throws -> ThingRun {
        try ThingRun(try list.all(), try cloud.client(), context)
    }
}
