import Domain

extension ThingPart {
    /// Throws `ActionError` when a place is missing.
    init(_ thing: Thing, _ client: GoogleCloudClient, _ context: ActionContext) throws(ActionError) {
        switch thing {
        case .compute(let resource, _):
            let wish = try resource.wish(client.defaults)
            self.init(
                kind: thing.kind.rawValue, turn: thing.kind.turn, path: wish.path, name: wish.name, title: wish.title,
                look: { try await EnsureRun(client: client, wish: wish, context: context).look() },
                perform: { try await EnsureRun(client: client, wish: wish, context: $0).perform() },
                outputs: { resource.outputs(of: $0, wish) })
        case .container(let resource, _):
            let wish = try resource.wish(client.defaults)
            let run: @Sendable (ActionContext) -> ContainerRun = { context in
                ContainerRun(client: client, wish: wish, context: context) { try await resource.enriched($0, $1) }
            }
            self.init(
                kind: thing.kind.rawValue, turn: thing.kind.turn, path: wish.path,
                name: wish.nodePool ?? wish.cluster, title: wish.title, look: { try await run(context).look() },
                perform: { try await run($0).perform() }, outputs: { resource.outputs(of: $0, wish) })
        }
    }
}
