import Domain

/// One thing of a run: how it is looked at, and how it is made what it is wanted to be.
struct ThingPart: Sendable {
    var kind: ThingKind
    /// Where it is; two parts of a run never have the same.
    var path: String
    var name: String
    /// For people: `disk chain-0`.
    var title: String
    var look: @Sendable () async throws -> EnsureRun.Look
    var perform: @Sendable (ActionContext) async throws -> EnsureRun.Result
    var outputs: @Sendable (EnsureRun.Result) -> [String: JSONValue]

    /// Throws `ActionError` when a place is missing.
    init(_ thing: Thing, _ client: GoogleCloudClient, _ context: ActionContext) throws(ActionError) {
        kind = thing.kind
        switch thing {
        case .compute(let resource, _):
            let wish = try resource.wish(client.defaults)
            (path, name, title) = (wish.path, wish.name, wish.title)
            look = { try await EnsureRun(client: client, wish: wish, context: context).look() }
            perform = { try await EnsureRun(client: client, wish: wish, context: $0).perform() }
            outputs = { resource.outputs(of: $0, wish) }
        case .container(let resource, _):
            let wish = try resource.wish(client.defaults)
            (path, name, title) = (wish.path, wish.nodePool ?? wish.cluster, wish.title)
            let run: @Sendable (ActionContext) -> ContainerRun = { context in
                ContainerRun(client: client, wish: wish, context: context) { try await resource.enriched($0, $1) }
            }
            look = { try await run(context).look() }
            perform = { try await run($0).perform() }
            outputs = { resource.outputs(of: $0, wish) }
        }
    }
}
