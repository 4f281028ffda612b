import Domain

/// A volume of the bot's own. Its size is the least that it is to have. Those of the CSI driver are never touched.
struct HetznerVolume: HetznerResource {
    enum Format: String, CaseIterable {
        case ext4, xfs
    }

    /// Bounds of a size, in GiB.
    static let smallest = 10

    static let kind = HetznerKind.volume
    static let summary = "Makes a volume, lets it grow to a size, or attaches it; never makes one smaller"
    static let outputs: [ActionType.Output] = [
        .init("size_gib", .integer(nil), "Its size in GiB"),
        .init("device", .text(nil), "Its device on the server, such as /dev/disk/by-id/scsi-0HC_Volume_42"),
    ]

    let identity: ThingIdentity
    private let size: Int
    private let location: String?
    private let server: String?
    private let format: Format?

    init(_ input: inout InputReader) {
        let identity = ThingIdentity(&input, Self.kind)
        // A volume has one owner: the bot or the CSI driver.
        self.identity = ThingIdentity(
            name: identity.name, pool: identity.pool, labels: identity.labels.merging(["owner": "bot"]) { $1 })
        size = DiskSize.gibibytes(input.quantity("size", "The least that it has, such as 100GiB; a larger one stays"))
        location = input.location()
        server = input.reference(
            "server", "Name of the server that it is attached to; when left out, that stays as it is")
        let format = input.optionalText("format", "Filesystem that it is made with: ext4 or xfs; none when left out")
        self.format = format.flatMap(Format.init(rawValue:))
        if let format, self.format == nil {
            input.report("'\(format.prefix(40))' is neither ext4 nor xfs", field: "format")
        }
        if input.isGiven("size"), size > 0, size < Self.smallest {
            input.report("'size' must be at least \(Self.smallest)GiB", field: "size")
        }
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        var body: [String: JSONValue] = ["size": .int(Int64(size)), "automount": false]
        if let server {
            body["server"] = .int(Int64(try await names.id(.server, server)))
        } else {
            body["location"] = .string(try names.client.location(location))
            body.removeValue(forKey: "automount")
        }
        if let format { body["format"] = .string(format.rawValue) }
        return body
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        try DiskSize.check(
            size, title, most: names.client.settings.largestVolume, setting: "hetzner.largest_volume_gib")
        let wanted = JSONValue.int(Int64(size))
        var fields = [
            HetznerPlace.field(try names.client.location(location)),
            WantedField(
                name: "size", wanted: wanted, present: Field.value("size"),
                change: .call { _, path in .action("resize", of: path, ["size": wanted]) },
                isSame: { present, wanted in (present.intValue ?? 0) >= (wanted.intValue ?? 0) }),
        ]
        if let server {
            let id = try await names.known(.server, server)
            fields.append(
                WantedField(
                    name: "server", wanted: .string(server),
                    present: { HetznerReference.shown($0["server"], server, id) },
                    change: .call { thing, path in
                        // One that is attached elsewhere may be in use there.
                        guard thing["server"] == .null, let id else { return nil }
                        return VolumeTarget.attach(path, to: id)
                    }))
        }
        return fields
    }

    func isSettled(_ thing: JSONValue) -> Bool { thing["status"] != "creating" }

    func refusal(_ thing: JSONValue) -> ActionError? { VolumeTarget.refusal(thing, title) }

    func outputs(of thing: JSONValue) -> [String: JSONValue] {
        ["size_gib": thing["size"] ?? 0, "device": thing["linux_device"] ?? ""]
    }

    func price(_ prices: HetznerPrices) -> String? { prices.words { prices.add(volume: size, to: &$0) } }
}
