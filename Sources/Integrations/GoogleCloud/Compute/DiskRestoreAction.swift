import Domain
import Foundation

/// Makes a new disk of a snapshot, like the disk that an instance has under a device name. The disk that is there is not
/// touched.
struct DiskRestoreAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let target: InstanceTarget
    private let device: String
    private let name: String
    private let snapshot: String?

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.disk-restore",
            "Makes a new disk of a snapshot, of the type and size of the one that an instance has; that one is not touched",
            effect: .changes,
            outputs: [
                .init("disk", .text(nil), "Name of the new disk"),
                .init("replaces", .text(nil), "Name of the disk that the instance has"),
                .init("snapshot", .text(nil), "Name of the snapshot"),
                .init("size", .quantity, "The size of the new disk"),
                .init("changed", .flag, "False when the new disk was there already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { DiskRestoreAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = InstanceTarget(&input)
        device = input.text(
            "device", "The name of the disk's device at the instance", pattern: CloudName.resource)
        name = input.cloudName("Name of the new disk")
        snapshot = input.optionalText(
            "snapshot", "Name of the snapshot; the newest one of the disk that is there when left out",
            pattern: CloudName.resource)
    }

    private var doing: String { "no disk is made of a snapshot for \(target.title)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            let found = try await source(client, context)
            let run = EnsureRun(client: client, wish: try wish(found, client), context: context)
            var plan = try await run.plan()
            guard !plan.changes.isEmpty else { return plan }
            plan.changes = ["disk \(name): create, \(DiskSize.words(found.size)), of \(found.words)"]
            let type = ResourcePath.name(found.type)
            plan.notes +=
                client.settings.diskPrices?.month(found.size, of: type).map { ["disk \(name) costs \($0)"] } ?? []
            return plan
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            let found = try await source(client, context)
            let run = EnsureRun(client: client, wish: try wish(found, client), context: context)
            let result = try await run.perform()
            let snapshot = result.resource["sourceSnapshot"]?.stringValue.map(ResourcePath.name) ?? found.snapshot
            let isMade = !result.changes.isEmpty
            return [
                "disk": .string(name), "replaces": .string(found.disk), "snapshot": .string(snapshot),
                "size": .string("\(DiskSize.gibibytes(of: result.resource) ?? found.size)GiB"),
                "changed": .bool(isMade),
                "summary": .string(
                    "disk \(name) is " + (isMade ? "made of \(found.words)" : "there, made of snapshot \(snapshot)")),
            ]
        }
    }

    /// What the new disk is made of and like.
    private struct Source {
        var disk: String
        /// The URL of the disk's type.
        var type: String
        /// GiB.
        var size: Int
        var snapshot: String
        /// When it was made, as Google says it.
        var madeAt: String

        var words: String { "snapshot \(snapshot)" + (madeAt.isEmpty ? "" : " of \(madeAt)") }
    }

    private func source(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Source {
        let instance = try await target.owned(client, context)
        guard let attached = AttachedDisk(at: device, of: instance) else {
            let known = AttachedDisk.all(of: instance).map(\.device).joined(separator: ", ")
            throw ActionError("\(target.title) has no disk under the device name \(device)", hint: "it has: \(known)")
        }
        let path = try target.home(client).disk(attached.name)
        guard let disk = try await client.find(GoogleCall(.compute, "GET", path)),
            let present = DiskSize.gibibytes(of: disk), let type = disk["type"]?.stringValue
        else { throw ActionError("disk \(attached.name) of \(target.title) cannot be read") }
        let found = try await chosen([attached.name, device], client)
        // Nothing is made smaller than its snapshot.
        let least = found["diskSizeGb"]?.stringValue.flatMap { Int($0) } ?? present
        return Source(
            disk: attached.name, type: ResourcePath.relative(type), size: max(present, least),
            snapshot: found["name"]?.stringValue ?? "",
            madeAt: found["creationTimestamp"]?.stringValue.flatMap { Date(rfc3339: $0)?.rfc3339 } ?? "")
    }

    /// The snapshot that is named, or the newest one of a disk of one of these names.
    private func chosen(_ disks: Set<String>, _ client: GoogleCloudClient) async throws -> JSONValue {
        let scope = "projects/\(client.project)/global/snapshots"
        if let snapshot {
            guard let found = try await client.find(GoogleCall(.compute, "GET", "\(scope)/\(snapshot)")) else {
                throw ActionError("there is no snapshot \(snapshot)", hint: "list them: gcloud compute snapshots list")
            }
            guard found["status"]?.stringValue == "READY" else {
                throw ActionError(
                    "snapshot \(snapshot) is \(found["status"]?.stringValue ?? "unknown"), not READY",
                    hint: "wait until it is copied, or name another one")
            }
            return found
        }
        let all = try await client.list(
            GoogleCall(
                .compute, "GET", scope,
                query: [
                    .init("filter", "status = \"READY\""),
                    .init("fields", "nextPageToken,items(name,status,sourceDisk,diskSizeGb,creationTimestamp)"),
                ]))
        let zone = try target.home(client)
        let paths = disks.map(zone.disk)
        let newest = all.compactMap { snapshot -> (at: Date, snapshot: JSONValue)? in
            guard let disk = snapshot["sourceDisk"]?.stringValue, paths.contains(ResourcePath.relative(disk)),
                let at = snapshot["creationTimestamp"]?.stringValue.flatMap({ Date(rfc3339: $0) })
            else { return nil }
            return (at, snapshot)
        }.max { $0.at < $1.at }
        guard let newest else {
            throw ActionError(
                "there is no snapshot of disk \(disks.sorted().joined(separator: " or ")) that is READY",
                hint: "name one of another node with 'snapshot', or let the node sync anew by hand")
        }
        return newest.snapshot
    }

    private func wish(_ source: Source, _ client: GoogleCloudClient) throws(ActionError) -> ResourceWish {
        try DiskSize.check(source.size, "disk \(name)", most: client.defaults.largestDisk)
        return ResourceWish(
            kind: .disk, project: client.project, place: try target.home(client).place, name: name, pool: target.pool,
            body: [
                "sizeGb": .string(String(source.size)), "type": .string(source.type),
                "sourceSnapshot": .string("projects/\(client.project)/global/snapshots/\(source.snapshot)"),
            ], fields: [])
    }
}
