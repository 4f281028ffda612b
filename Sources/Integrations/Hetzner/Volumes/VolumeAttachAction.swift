import Domain

/// Attaches a volume to a server.
struct VolumeAttachAction: SingleChange {
    let cloud: HetznerConnection
    private let target: VolumeTarget
    private let server: String

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.volume-attach", "Attaches a volume to a server; it is not mounted there", effect: .changes,
            outputs: [
                .init("device", .text(nil), "Its device there, such as /dev/disk/by-id/scsi-0HC_Volume_42"),
                .init("changed", .flag, "False when it was attached already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { VolumeAttachAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        target = VolumeTarget(&input)
        server = input.text("server", "Name of the server", pattern: HetznerName.thing)
    }

    var doing: String { "\(target.title) is not attached to server \(server)" }
    var key: String { "volumes/\(target.name)" }
    var commands: Set<String> { ["attach_volume"] }

    func prepare(_ client: HetznerClient, _ context: ActionContext) async throws -> Preparation {
        let volume = try await target.owned(client)
        guard let id = try await client.named(server, in: HetznerKind.server.collection)?["id"]?.intValue else {
            throw ActionError("there is no server \(server)", hint: "correct its name")
        }
        if volume["server"]?.intValue == id {
            return .nothing("\(target.title) is attached to server \(server) already")
        }
        guard volume["server"] == .null else {
            throw ActionError(
                "\(target.title) is attached to another server", hint: "detach it there first, when nothing uses it")
        }
        let path = VolumeTarget.path(of: volume)
        return .change(VolumeTarget.attach(path, to: id), of: path, line: "\(target.title): attach to server \(server)")
    }

    func outputs(_ client: HetznerClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        ["device": try await target.read(client)["linux_device"] ?? ""]
    }
}
