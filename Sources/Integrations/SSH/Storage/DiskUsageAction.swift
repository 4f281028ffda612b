import Domain

/// Tells how full a filesystem of a host is. Reads only.
struct DiskUsageAction: RepeatableAction {
    private let target: HostTarget
    private let path: String

    static func type(_ hosts: any HostAccess) -> ActionType {
        ActionType(
            "ssh.disk-usage", "Tells how full a filesystem of a host is", effect: .reads,
            outputs: [
                .init("device", .text(nil), "What it is on, such as /dev/sdb"),
                .init("mount", .text(nil), "Where it is mounted"),
                .init("filesystem", .text(nil), "Its type, such as ext4"),
                .init("size", .integer(nil), "Bytes that it has for files"),
                .init("used", .integer(nil), "Bytes that are used"),
                .init("available", .integer(nil), "Bytes that are free for users"),
                .init("percent", .integer(nil), "How full it is"),
                .init("inodes_percent", .integer(nil), "How many of its inodes are used; 0 where they have no bound"),
            ]
        ) { DiskUsageAction(&$0, hosts) }
    }

    init(_ input: inout InputReader, _ hosts: any HostAccess) {
        target = HostTarget(&input, hosts)
        path = input.text(
            "path", "A file or folder of it, such as /var/lib/geth", pattern: HostPath.pattern)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let text = try await target.read(DiskUsage.command(path), context)
        guard let usage = DiskUsage(text) else {
            throw ActionError("host \(target.host): df answers nothing that can be read", details: text)
        }
        return [
            "device": .string(usage.device), "mount": .string(usage.mount), "filesystem": .string(usage.type),
            "size": .int(usage.size), "used": .int(usage.used), "available": .int(usage.available),
            "percent": .int(usage.percent), "inodes_percent": .int(usage.inodesPercent),
            "summary": .string(
                "\(target.host): \(usage.mount) is \(usage.percent) % full, \(ByteText.human(usage.available)) of "
                    + "\(ByteText.human(usage.size)) are free"),
        ]
    }
}
