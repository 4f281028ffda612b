import Domain

/// Makes all that files list of a pool what they say.
struct PoolApplyAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let inputs: PoolInputs

    static func type(_ cloud: CloudConnection, root: String) -> ActionType {
        ActionType(
            "gcp.apply",
            "Makes all things of a pool what its files say, in their order; refuses before it changes anything",
            effect: .changes,
            outputs: [
                .init("count", .integer(nil), "How many things the files list"),
                .init("changed", .integer(nil), "How many were made or changed"),
                .init("things", .map(.any), "The outputs of each by kind and name: things.address-rpc.address"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { PoolApplyAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection, root: String) {
        self.cloud = cloud
        inputs = PoolInputs(&input, root: root)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan { try await run(context).plan() }

    func perform(_ context: ActionContext) async throws -> JSONValue { try await run(context).perform() }

    private func run(_ context: ActionContext) throws -> PoolRun {
        let client = try cloud.client()
        return PoolRun(try inputs.wishes(client.defaults), client, context)
    }
}
