import Domain

/// The instance that an action is about.
struct InstanceTarget: Sendable {
    let name: String
    let pool: String
    private let zone: String?

    init(_ input: inout InputReader) {
        name = input.text("instance", "Name of the instance", pattern: CloudName.resource)
        zone = input.zone()
        pool = input.pool()
    }

    var title: String { "instance \(name)" }

    func home(_ client: GoogleCloudClient) throws(ActionError) -> InstanceHome {
        InstanceHome(project: client.project, place: try client.defaults.zone(zone))
    }

    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String {
        "projects/\(client.project)/\(try client.defaults.zone(zone).path)"
    }

    func path(_ client: GoogleCloudClient) throws(ActionError) -> String { "\(try scope(client))/instances/\(name)" }

    /// The instance as it is. Throws `GoogleFailure`, or `ActionError` when it is not there.
    func read(_ client: GoogleCloudClient) async throws -> JSONValue {
        guard let found = try await client.find(GoogleCall(.compute, "GET", try path(client))) else {
            throw ActionError(
                "there is no instance \(name) in \(try client.defaults.zone(zone).path)",
                hint: "correct its name or zone")
        }
        return found
    }

    /// As `read`; throws `ActionError` also when it is not the pool's, for then it is only read.
    func owned(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> JSONValue {
        let found = try await read(client)
        try await Ownership(kind: .instance, path: try path(client), pool: pool).check(found, title, context)
        return found
    }
}

/// What is not ours is only read.
struct Ownership: Sendable {
    var kind: ResourceKind
    var path: String
    var pool: String

    /// Throws `ActionError` when the thing has neither our pool's mark nor was adopted.
    func check(_ resource: JSONValue, _ title: String, _ context: ActionContext) async throws {
        var found = PoolMark.pool(of: resource, kind)
        if found == nil {
            found = try await context.kept.value(PoolMark.adoptionKey(path))?.value?["pool"]?.stringValue
        }
        if found == pool { return }
        throw ActionError(
            found.map { "\(title) belongs to the pool \($0)" } ?? "\(title) is not the bot's, so it is only read",
            hint: found == nil
                ? "adopt it first (adopt infrastructure)" : "give 'pool: \(found ?? "")', if that is meant")
    }
}
