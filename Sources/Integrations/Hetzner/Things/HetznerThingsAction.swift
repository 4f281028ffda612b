import Domain

/// Makes several things at Hetzner what they are wanted to be.
struct HetznerThingsAction: RepeatableAction, Plannable {
    private let cloud: HetznerConnection
    private let things: @Sendable () throws(ActionError) -> [HetznerThing]

    static func type(_ cloud: HetznerConnection, root: String) -> ActionType {
        ActionType(
            "hetzner.ensure",
            "Makes several things what they are wanted to be, in the order that they need; looks at all at once first",
            effect: .changes, outputs: ThingRun.outputs
        ) { input in
            let list = ThingList<HetznerThing>(&input, root: root)
            return HetznerThingsAction(cloud: cloud) { () throws(ActionError) in try list.all() }
        }
    }

    /// As one thing of a list.
    static func servers(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.\(HetznerThing.Kind.servers.rawValue)-ensure", ServerGroup.summary, effect: .changes,
            outputs: ThingRun.outputs
        ) { input in
            let group = ServerGroup(&input)
            return HetznerThingsAction(cloud: cloud) { [.several(group)] }
        }
    }

    private init(cloud: HetznerConnection, things: @escaping @Sendable () throws(ActionError) -> [HetznerThing]) {
        self.cloud = cloud
        self.things = things
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan { try await run(context).plan() }

    func perform(_ context: ActionContext) async throws -> JSONValue { try await run(context).perform() }

    private func run(_ context: ActionContext) async throws -> ThingRun {
        let names = HetznerNames(try cloud.client())
        let wishes = try await things().wishes(context.kept)
        return try ThingRun(wishes.map { ThingPart($0, names, context) }, context)
    }
}
