import Domain

/// Takes over things at Hetzner that are there already: marks them as the pool's, and changes nothing else of them. From
/// then on their ensure actions may change them. What is not there is left to be made.
struct HetznerAdoptAction: RepeatableAction, Plannable {
    private let cloud: HetznerConnection
    private let list: ThingList<HetznerThing>

    static func type(_ cloud: HetznerConnection, root: String) -> ActionType {
        ActionType(
            "hetzner.adopt", "Takes over things that are there already, by marking them; shows how each differs",
            effect: .changes, outputs: Adoption.outputs
        ) { HetznerAdoptAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection, root: String) {
        self.cloud = cloud
        list = ThingList(&input, root: root)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("nothing can be adopted") { Adoption(try await findings($0, context)).plan }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("not all is adopted", changes: true) { client in
            try await Adoption(try await findings(client, context)).perform(context)
        }
    }

    /// Looks at all, some at once. Throws when one of them is another pool's, before anything is marked.
    private func findings(_ client: HetznerClient, _ context: ActionContext) async throws -> [AdoptionFinding] {
        let names = HetznerNames(client)
        let wishes = try await list.all().wishes(context.kept)
        return try await Parallel.values(wishes, atOnce: ThingRun.atOnce) { wish in
            try await HetznerRun(resource: wish.resource, names: names, context: context).finding().checked()
        }
    }
}
