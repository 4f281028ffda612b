import Domain

/// Makes a disk larger, never smaller.
struct DiskResizeAction: SingleChange {
    let cloud: CloudConnection
    private let target: DiskTarget
    private let growth: DiskGrowth?
    private let most: Int?

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.disk-resize", "Makes a persistent disk larger; never makes one smaller", effect: .changes,
            outputs: [
                .init("size_gib", .integer(nil), "Its size afterwards, in GiB"),
                .init("size", .quantity, "The same as an amount, as ssh.filesystem-grow's at_least takes it"),
                .init("before_gib", .integer(nil), "Its size before, in GiB; 0 when that is not known any more"),
                .init("users", .list(.text(nil)), "Names of the instances that it is attached to"),
                .init("changed", .flag, "False when it was as large already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { DiskResizeAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = DiskTarget(&input)
        let text = input.text(
            "size", "What it is to have: 2TiB, or more by +200GiB or +20%", pattern: DiskGrowth.pattern)
        growth = DiskGrowth(text)
        most = input.optionalQuantity("max", "The most that it may become; at most the settings' largest_disk_gib")
            .map(DiskSize.gibibytes)
        if !text.isEmpty, growth == nil { input.report("'\(text)' is no growth", field: "size") }
    }

    var doing: String { "\(target.title) cannot grow" }
    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String { try target.scope(client) }

    func prepare(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Preparation {
        let target = try await target.resolved(client)
        let disk = try await target.read(client)
        if let claim = DiskTarget.claim(of: disk) {
            throw ActionError(
                "\(target.title) belongs to PersistentVolumeClaim \(claim), and grows through it",
                hint: "kubernetes.volume-resize makes the claim larger, and its disk and filesystem with it")
        }
        try await Ownership(kind: .disk, path: try target.path(client), pool: target.pool)
            .check(disk, target.title, context)
        guard let growth, let present = DiskSize.gibibytes(of: disk) else {
            throw ActionError("\(target.title): Google does not say how large it is")
        }
        let begun = try await begun(target, client, context)
        let wanted = try begun ?? size(target, growth, present, client.defaults.largestDisk)
        guard wanted > present else {
            return .nothing("\(target.title) has \(DiskSize.words(present)) already")
        }
        let call = GoogleCall(
            .compute, "POST", "\(try target.path(client))/resize", body: ["sizeGb": .string(String(wanted))])
        return .change(
            call, keep: ["before": .int(Int64(present)), "to": .int(Int64(wanted))],
            line: "\(target.title): \(DiskSize.words(present)) → \(DiskSize.words(wanted))",
            notes: [target.cost(of: wanted - present, disk, client)].compactMap { $0 })
    }

    /// Where the ledger keeps what a step is growing a disk to. A part of the size is worked out once: a second run of the
    /// same step would take it of the disk that has grown.
    private func key(_ target: DiskTarget, _ client: GoogleCloudClient) throws(ActionError) -> String {
        "growth/google-cloud/\(try target.path(client))"
    }

    private func begun(_ target: DiskTarget, _ client: GoogleCloudClient, _ context: ActionContext) async throws
        -> Int?
    {
        guard growth?.isRelative == true, let kept = try await context.kept.value(try key(target, client))?.value,
            kept["step"]?.stringValue == RequestID.of(context)
        else { return nil }
        return kept["to"]?.intValue
    }

    func willStart(_ keep: [String: JSONValue], _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        guard growth?.isRelative == true, let to = keep["to"] else { return }
        let target = try await target.resolved(client)
        try await context.kept.set(try key(target, client), ["step": .string(RequestID.of(context)), "to": to])
    }

    /// Growth by a part ends at the bound; a size beyond it is refused.
    private func size(_ target: DiskTarget, _ growth: DiskGrowth, _ present: Int, _ largest: Int) throws(ActionError)
        -> Int
    {
        let bound = min(most ?? largest, largest)
        let wanted = growth.target(from: present)
        guard growth.isRelative else {
            try DiskSize.check(wanted, target.title, most: bound)
            return wanted
        }
        guard present < bound else {
            throw ActionError(
                "\(target.title) has \(DiskSize.words(present)), and may not grow past \(DiskSize.words(bound))",
                hint: "free space on it, or let a person raise 'max' or google_cloud.largest_disk_gib")
        }
        return min(wanted, bound)
    }

    func outputs(_ client: GoogleCloudClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        let target = try await target.resolved(client)
        let disk = try await target.read(client)
        let size = DiskSize.gibibytes(of: disk) ?? 0
        let users = (disk["users"]?.arrayValue ?? []).compactMap(\.stringValue).map(ResourcePath.name)
        let isNothing = OperationHandle.isNothing(handle) != nil
        var outputs: [String: JSONValue] = [
            "size_gib": .int(Int64(size)), "size": .string("\(size)GiB"),
            "before_gib": handle["before"] ?? (isNothing ? .int(Int64(size)) : 0),
            "users": Field.strings(users),
        ]
        if !isNothing { outputs["summary"] = .string("\(target.title) has \(DiskSize.words(size)) now") }
        return outputs
    }
}
