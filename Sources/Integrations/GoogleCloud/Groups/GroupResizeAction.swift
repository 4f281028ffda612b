import Domain

/// Gives a managed instance group another size.
struct GroupResizeAction: SingleChange {
    let cloud: CloudConnection
    private let group: String
    private let zone: String?
    private let pool: String
    private let size: Int

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.instance-group-resize", "Gives a managed instance group another number of instances", effect: .changes,
            outputs: [
                .init("size", .integer(nil), "How many instances it is to have"),
                .init("changed", .flag, "False when it had that size already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { GroupResizeAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        group = input.text("group", "Name of the managed instance group", pattern: CloudName.resource)
        zone = input.zone()
        pool = input.pool()
        size = input.integer("size", "How many instances it is to have", in: InstanceGroup.sizes)
    }

    var doing: String { "instance group \(group) does not get the size \(size)" }

    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String {
        "projects/\(client.project)/\(try client.defaults.zone(zone).path)"
    }

    private func path(_ client: GoogleCloudClient) throws(ActionError) -> String {
        "\(try scope(client))/instanceGroupManagers/\(group)"
    }

    private func read(_ client: GoogleCloudClient) async throws -> JSONValue {
        guard let found = try await client.find(GoogleCall(.compute, "GET", try path(client))) else {
            throw ActionError("there is no instance group \(group) in the zone", hint: "correct its name or zone")
        }
        return found
    }

    func prepare(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Preparation {
        let found = try await read(client)
        try await Ownership(kind: .instanceGroup, path: try path(client), pool: pool)
            .check(found, "instance group \(group)", context)
        let present = found["targetSize"]?.intValue ?? 0
        guard present != size else { return .nothing("instance group \(group) has the size \(size) already") }
        // An autoscaler would undo it at once.
        if let autoscaler = found.at(path: "status.autoscaler")?.stringValue {
            throw ActionError(
                "instance group \(group) has the size that autoscaler \(ResourcePath.name(autoscaler)) gives it",
                hint: "change the bounds with gcp.autoscaler-ensure")
        }
        let call = GoogleCall(
            .compute, "POST", "\(try path(client))/resize", query: [.init("size", String(size))])
        return .change(call, keep: [:], line: "instance group \(group): size \(present) → \(size)")
    }

    func outputs(_ client: GoogleCloudClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        ["size": try await read(client)["targetSize"] ?? 0]
    }
}
