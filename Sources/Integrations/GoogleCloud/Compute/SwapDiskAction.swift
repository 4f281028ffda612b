import Domain

/// Puts another disk in the place of the one that an instance has under a device name. The old one is kept, with a label
/// by which a person finds it.
struct SwapDiskAction: RepeatableAction, Plannable {
    /// On the disk that was taken out: the name of the one that took its place.
    static let replacedLabel = "defimon-replaced-by"

    private let cloud: CloudConnection
    private let target: InstanceTarget
    private let device: String
    private let disk: String

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.instance-swap-disk",
            "Puts another disk in the place of the one that an instance has under a device name; the old one is kept",
            effect: .changes,
            outputs: [
                .init("replaced", .text(nil), "Name of the disk that was taken out; empty when there was none"),
                .init("changed", .flag, "False when the other disk was in its place already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { SwapDiskAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = InstanceTarget(&input)
        device = input.text(
            "device", "The name of the device; nothing on the instance may use it any more", pattern: CloudName.resource
        )
        disk = input.text(
            "disk", "Name of the disk that takes the place, in the same zone", pattern: CloudName.resource)
    }

    private var doing: String { "disk \(disk) does not take its place at \(target.title)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            let there = try await attached(client, context)
            if there?.name == disk { return ActionPlan(changes: []) }
            let old = there.map { "disk \($0.name) is detached and kept, " } ?? ""
            return ActionPlan(changes: ["\(target.title): \(old)disk \(disk) is attached as \(device)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            let there = try await attached(client, context)
            if there?.name == disk {
                return outputs("", false, "disk \(disk) is attached to \(target.title) as \(device) already")
            }
            _ = try await owned(disk, client, context)
            if let there { try await detach(there, client, context) }
            context.progress("disk \(disk) is attached")
            let home = try target.home(client)
            var body = Instance.attached(disk, home).objectValue ?? [:]
            body["deviceName"] = .string(device)
            try await run(
                GoogleCall(.compute, "POST", "\(try target.path(client))/attachDisk", body: .object(body)), client,
                context)
            let old = there.map { "; disk \($0.name) is kept" } ?? ""
            return outputs(there?.name ?? "", true, "\(target.title) has disk \(disk) as \(device)\(old)")
        }
    }

    /// Labels the old one first: whatever happens next, a person finds it.
    private func detach(_ old: AttachedDisk, _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        let resource = try await owned(old.name, client, context)
        let path = try target.home(client).disk(old.name)
        if resource["labels"]?[SwapDiskAction.replacedLabel]?.stringValue != disk {
            try await run(
                ResourceWish.labelling(
                    .disk, path, resource, adding: [SwapDiskAction.replacedLabel: .string(disk)]), client, context)
        }
        context.progress("disk \(old.name) is detached")
        try await run(
            GoogleCall(
                .compute, "POST", "\(try target.path(client))/detachDisk", query: [.init("deviceName", device)]),
            client, context)
    }

    private func run(_ call: GoogleCall, _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        let operation = try await client.startAnew(
            call, key: context.idempotencyKey, parent: try target.scope(client))
        _ = try await client.finish(operation, time: context.time)
    }

    /// What is there now. Throws `ActionError` when the instance is not the pool's, or it is what it boots from.
    private func attached(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> AttachedDisk? {
        let found = AttachedDisk(at: device, of: try await target.owned(client, context))
        guard found?.isBoot != true else {
            throw ActionError("\(target.title) boots from \(device), which is not swapped")
        }
        return found
    }

    private func owned(_ name: String, _ client: GoogleCloudClient, _ context: ActionContext) async throws -> JSONValue
    {
        let path = try target.home(client).disk(name)
        guard let found = try await client.find(GoogleCall(.compute, "GET", path)) else {
            throw ActionError("there is no disk \(name) in the zone of \(target.title)")
        }
        try await Ownership(kind: .disk, path: path, pool: target.pool).check(found, "disk \(name)", context)
        return found
    }

    private func outputs(_ replaced: String, _ isChanged: Bool, _ summary: String) -> JSONValue {
        ["replaced": .string(replaced), "changed": .bool(isChanged), "summary": .string(summary)]
    }
}
