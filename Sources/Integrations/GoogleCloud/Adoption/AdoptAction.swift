import Domain

/// Takes over things that are there already: marks them as the pool's, and changes nothing else of them. From then on
/// their ensure actions may change them. What is not there is left to be made.
struct AdoptAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let list: ThingList<Thing>

    static func type(_ cloud: CloudConnection, root: String) -> ActionType {
        ActionType(
            "gcp.adopt", "Takes over things that are there already, by marking them; shows how each differs",
            effect: .changes,
            outputs: Adoption.outputs
        ) { AdoptAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection, root: String) {
        self.cloud = cloud
        list = ThingList(&input, root: root)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("nothing can be adopted") { client in
            Adoption(try await findings(client, context)).plan
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("not all is adopted", changes: true) { client in
            try await Adoption(try await findings(client, context)).perform(context)
        }
    }

    /// Looks at all, some at once. Throws when one of them is another pool's, before anything is marked.
    private func findings(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> [AdoptionFinding] {
        let defaults = client.defaults
        return try await Parallel.values(try list.all(), atOnce: ThingRun.atOnce) { thing in
            let finding =
                switch thing {
                case .compute(let resource, _):
                    try await ComputeAdoption(wish: try resource.wish(defaults), client: client, context: context)
                        .finding()
                case .container(let resource, _):
                    try await ContainerAdoption(wish: try resource.wish(defaults), client: client, context: context)
                        .finding()
                }
            return try finding.checked()
        }
    }
}
