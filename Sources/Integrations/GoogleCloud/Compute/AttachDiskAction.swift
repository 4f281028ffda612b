import Domain

/// Attaches a disk to an instance.
struct AttachDiskAction: SingleChange {
    enum Mode: String, CaseIterable, Sendable {
        case readWrite = "READ_WRITE"
        case readOnly = "READ_ONLY"
    }

    let cloud: CloudConnection
    private let target: InstanceTarget
    private let disk: String
    private let mode: Mode

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.instance-attach-disk", "Attaches a disk of the same zone to an instance", effect: .changes,
            outputs: [
                .init("device", .text(nil), "Where the system finds it: /dev/disk/by-id/google-…"),
                .init("changed", .flag, "False when it was attached already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { AttachDiskAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = InstanceTarget(&input)
        disk = input.text("disk", "Name of the disk", pattern: CloudName.resource)
        mode = input.choice("mode", "How it is attached", of: Mode.self, default: .readWrite) ?? .readWrite
    }

    var doing: String { "disk \(disk) cannot be attached to \(target.title)" }
    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String { try target.scope(client) }

    func prepare(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Preparation {
        let instance = try await target.owned(client, context)
        let attached = (instance["disks"]?.arrayValue ?? []).first {
            $0["source"]?.stringValue.map(ResourcePath.name) == disk
        }
        if let attached {
            guard attached["mode"]?.stringValue ?? mode.rawValue == mode.rawValue else {
                throw ActionError(
                    "disk \(disk) is attached to \(target.title) already, \(attached["mode"]?.stringValue ?? "")",
                    hint: "detach it first, if it is to be \(mode.rawValue)")
            }
            return .nothing("disk \(disk) is attached to \(target.title) already")
        }
        let home = try target.home(client)
        let call = GoogleCall(
            .compute, "POST", "\(try target.path(client))/attachDisk",
            body: Instance.attached(disk, home, mode: mode.rawValue))
        return .change(call, keep: [:], line: "\(target.title): disk \(disk) attached, \(mode.rawValue)")
    }

    func outputs(_ client: GoogleCloudClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        ["device": .string("/dev/disk/by-id/google-\(disk)")]
    }
}
