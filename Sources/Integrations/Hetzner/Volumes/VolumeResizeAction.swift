import Domain

/// Makes a volume larger, never smaller.
struct VolumeResizeAction: SingleChange {
    let cloud: HetznerConnection
    private let target: VolumeTarget
    private let growth: DiskGrowth?
    private let most: Int?

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.volume-resize", "Makes a volume larger; never makes one smaller", effect: .changes,
            outputs: [
                .init("size_gib", .integer(nil), "Its size afterwards, in GiB"),
                .init("size", .quantity, "The same as an amount, as ssh.filesystem-grow's at_least takes it"),
                .init("before_gib", .integer(nil), "Its size before, in GiB"),
                .init("server", .text(nil), "Name of the server that it is attached to; empty when it is to none"),
                .init("device", .text(nil), "Its device there"),
                .init("changed", .flag, "False when it was as large already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { VolumeResizeAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        target = VolumeTarget(&input)
        let text = input.text(
            "size", "What it is to have: 2TiB, or more by +200GiB or +20%", pattern: DiskGrowth.pattern)
        growth = DiskGrowth(text)
        most = input.optionalQuantity("max", "The most that it may become; at most the settings' largest_volume_gib")
            .map(DiskSize.gibibytes)
        if !text.isEmpty, growth == nil { input.report("'\(text)' is no growth", field: "size") }
    }

    var doing: String { "\(target.title) cannot grow" }
    var key: String { "volumes/\(target.name)" }
    var commands: Set<String> { ["resize_volume"] }

    func prepare(_ client: HetznerClient, _ context: ActionContext) async throws -> Preparation {
        let volume = try await target.owned(client)
        guard let growth, let present = volume["size"]?.intValue else {
            throw ActionError("\(target.title): Hetzner does not say how large it is")
        }
        // A part of the size is worked out once: a second run of the same step would take it of the volume that has grown.
        let wanted = try await begun(context)?["to"]?.intValue ?? size(growth, present, client.settings.largestVolume)
        guard wanted > present else { return .nothing("\(target.title) has \(DiskSize.words(present)) already") }
        let path = VolumeTarget.path(of: volume)
        let price = client.settings.prices.flatMap { prices in
            prices.words { prices.add(volume: wanted - present, to: &$0) }
        }
        return .change(
            .action("resize", of: path, ["size": .int(Int64(wanted))]), of: path,
            keep: ["before": .int(Int64(present)), "to": .int(Int64(wanted))],
            line: "\(target.title): \(DiskSize.words(present)) → \(DiskSize.words(wanted))",
            notes: price.map { ["\(target.title) costs \($0) more"] } ?? [])
    }

    /// Growth by a part ends at the bound; a size beyond it is refused.
    private func size(_ growth: DiskGrowth, _ present: Int, _ largest: Int) throws(ActionError) -> Int {
        let bound = min(most ?? largest, largest)
        let wanted = growth.target(from: present)
        guard growth.isRelative else {
            try DiskSize.check(wanted, target.title, most: bound, setting: "hetzner.largest_volume_gib")
            return wanted
        }
        guard present < bound else {
            throw ActionError(
                "\(target.title) has \(DiskSize.words(present)), and may not grow past \(DiskSize.words(bound))",
                hint: "free space on it, or let a person raise 'max' or hetzner.largest_volume_gib")
        }
        return min(wanted, bound)
    }

    func outputs(_ client: HetznerClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        let volume = try await target.read(client)
        let size = volume["size"]?.intValue ?? 0
        var server: JSONValue?
        if let id = volume["server"]?.intValue {
            server = try await client.find(HetznerCall("GET", "servers/\(id)"))?.at(path: "server.name")
        }
        var outputs: [String: JSONValue] = [
            "size_gib": .int(Int64(size)), "size": .string("\(size)GiB"),
            "before_gib": handle["before"] ?? .int(Int64(size)), "server": server ?? "",
            "device": volume["linux_device"] ?? "",
        ]
        if handle["nothing"] == nil { outputs["summary"] = .string("\(target.title) has \(DiskSize.words(size)) now") }
        return outputs
    }
}
