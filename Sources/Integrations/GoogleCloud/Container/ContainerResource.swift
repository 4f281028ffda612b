import Domain

/// The inputs that say how a cluster or a node pool is wanted.
protocol ContainerResource: Sendable {
    /// `gcp.cluster-ensure`
    static var action: String { get }
    static var summary: String { get }
    /// Beside those that every one has.
    static var outputs: [ActionType.Output] { get }

    init(_ input: inout InputReader)
    /// Throws `ActionError` when a place is missing.
    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ContainerWish
    /// What is looked up besides, and added to what was read.
    func enriched(_ client: GoogleCloudClient, _ resource: JSONValue) async throws -> JSONValue
    func outputs(of resource: JSONValue) -> [String: JSONValue]
}

extension ContainerResource {
    static var outputs: [ActionType.Output] { [] }
    func enriched(_ client: GoogleCloudClient, _ resource: JSONValue) async throws -> JSONValue { resource }
    func outputs(of resource: JSONValue) -> [String: JSONValue] { [:] }

    /// What its ensure action puts out of what came of it.
    func outputs(of result: EnsuredThing, _ wish: ContainerWish) -> [String: JSONValue] {
        result.outputs(outputs(of: result.resource), title: wish.title, path: wish.path)
    }
}
