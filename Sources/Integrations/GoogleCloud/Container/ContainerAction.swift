import Domain

/// Makes a cluster or a node pool what the inputs say.
struct ContainerAction<Resource: ContainerResource>: RepeatableAction, Plannable {
    private let resource: Resource
    private let cloud: CloudConnection

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            Resource.action, Resource.summary, effect: .changes,
            outputs: [
                .init("self_link", .text(nil), "Its URL"),
                .init("changed", .flag, "False when it was as wanted already"),
            ] + Resource.outputs + [.init("summary", .text(nil), "One line for people")]
        ) { ContainerAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        resource = Resource(&input)
        self.cloud = cloud
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan { try await run(context).plan() }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let run = try run(context)
        return .object(resource.outputs(of: try await run.perform(), run.wish))
    }

    private func run(_ context: ActionContext) throws -> ContainerRun {
        let client = try cloud.client()
        let wish = try resource.wish(client.defaults)
        return ContainerRun(client: client, wish: wish, context: context) { try await resource.enriched($0, $1) }
    }
}
