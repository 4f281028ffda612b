import Domain

/// Makes one thing at Hetzner what the inputs say.
struct HetznerEnsureAction<Resource: HetznerResource>: RepeatableAction, Plannable {
    private let resource: Resource
    private let cloud: HetznerConnection

    static func type(_ kind: HetznerThing.Kind, _ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.\(kind.rawValue)-ensure", Resource.summary, effect: .changes,
            outputs: [
                .init("id", .any, "Its number at Hetzner; a text for DNS records"),
                .init("changed", .flag, "False when it was as wanted already"),
            ] + Resource.outputs + [.init("summary", .text(nil), "One line for people")]
        ) { HetznerEnsureAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        resource = Resource(&input)
        self.cloud = cloud
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan { try await run(context).look().plan }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        .object(resource.outputs(of: try await run(context).perform()))
    }

    private func run(_ context: ActionContext) throws -> HetznerRun {
        HetznerRun(resource: resource, names: HetznerNames(try cloud.client()), context: context)
    }
}
