import Domain

/// The disk that an action is about.
struct DiskTarget: Sendable {
    private(set) var name: String
    let pool: String
    private let zone: String?
    private let instance: String?

    init(_ input: inout InputReader) {
        name = input.text("disk", "Name of the disk", pattern: CloudName.resource)
        zone = input.zone()
        pool = input.pool()
        instance = input.optionalText(
            "instance",
            "An instance: where it has a disk under that device name, that one is meant, whatever it is called",
            pattern: CloudName.resource)
    }

    /// With the name of the disk that the instance has under this device name, such as one that was restored. Throws
    /// `GoogleFailure` or `ActionError`.
    func resolved(_ client: GoogleCloudClient) async throws -> DiskTarget {
        guard let instance else { return self }
        let path = "\(try scope(client))/instances/\(instance)"
        guard let found = try await client.find(GoogleCall(.compute, "GET", path)),
            let attached = AttachedDisk(at: name, of: found)
        else { return self }
        var target = self
        target.name = attached.name
        return target
    }

    var title: String { "disk \(name)" }

    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String {
        "projects/\(client.project)/\(try client.defaults.zone(zone).path)"
    }

    func path(_ client: GoogleCloudClient) throws(ActionError) -> String { "\(try scope(client))/disks/\(name)" }

    /// The disk as it is. Throws `GoogleFailure`, or `ActionError` when it is not there.
    func read(_ client: GoogleCloudClient) async throws -> JSONValue {
        guard let found = try await client.find(GoogleCall(.compute, "GET", try path(client))) else {
            throw ActionError(
                "there is no disk \(name) in \(try client.defaults.zone(zone).path)", hint: "correct its name or zone")
        }
        return found
    }

    /// As `read`; throws `ActionError` also when it is not the pool's, for then it is only read.
    func owned(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> JSONValue {
        let found = try await read(client)
        try await Ownership(kind: .disk, path: try path(client), pool: pool).check(found, title, context)
        return found
    }

    /// What so many GiB more of it cost, for people; nil when its type has no price in the settings.
    func cost(of more: Int, _ disk: JSONValue, _ client: GoogleCloudClient) -> String? {
        let type = disk["type"]?.stringValue.map(ResourcePath.name) ?? ""
        return client.settings.diskPrices?.month(more, of: type).map { "\(title) costs \($0) more" }
    }

    /// `namespace/name` of the claim that a disk of Kubernetes belongs to, as its driver for persistent disks writes it
    /// into the description; nil for others.
    static func claim(of disk: JSONValue) -> String? {
        guard let text = disk["description"]?.stringValue, text.contains("kubernetes.io/created-for/pvc/name"),
            let notes = try? JSONValue(parsing: text),  // then it is a description that only talks of it
            let name = notes["kubernetes.io/created-for/pvc/name"]?.stringValue
        else { return nil }
        return "\(notes["kubernetes.io/created-for/pvc/namespace"]?.stringValue ?? "default")/\(name)"
    }
}
