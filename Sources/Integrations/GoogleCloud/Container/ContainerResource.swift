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
}

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
        let result = try await run.perform()
        let what = run.wish.title
        var outputs = resource.outputs(of: result.resource)
        outputs["self_link"] = .string(result.resource["selfLink"]?.stringValue ?? run.wish.path)
        outputs["changed"] = .bool(!result.changes.isEmpty)
        let done = result.changes.isEmpty ? "is as wanted" : result.changes.joined(separator: ", ")
        outputs["summary"] = .string(result.isOurs ? "\(what) \(done)" : EnsureRun.onlyRead(what))
        return .object(outputs)
    }

    private func run(_ context: ActionContext) throws -> ContainerRun {
        let client = try cloud.client()
        let wish = try resource.wish(client.defaults)
        return ContainerRun(client: client, wish: wish, context: context) { try await resource.enriched($0, $1) }
    }
}

/// Where a cluster is.
struct ClusterPlace: Sendable {
    let cluster: String
    let pool: String
    private let location: String?

    init(_ input: inout InputReader, named member: String) {
        cluster = input.text(member, "Name of the cluster", pattern: ClusterPlace.name)
        location = input.optionalText(
            "location", "Its region or zone; the settings' region when it is left out", pattern: ClusterPlace.location)
        pool = input.pool()
    }

    // The texts are constant and compile, which a test shows; without a pattern Google itself refuses a wrong name.
    /// Of clusters and node pools (cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters).
    static let name = try? Pattern("[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
    /// A region or a zone.
    static let location = try? Pattern("[a-z]+(-[a-z]+)+[0-9]{1,2}(-[a-z])?")

    /// `projects/acme/locations/europe-west3`. Throws `ActionError` when there is no location.
    func parent(_ defaults: CloudDefaults) throws(ActionError) -> String {
        if let location { return "projects/\(defaults.project)/locations/\(location)" }
        guard let region = try defaults.region(nil).region else { throw ActionError("no location is named") }
        return "projects/\(defaults.project)/locations/\(region)"
    }
}
