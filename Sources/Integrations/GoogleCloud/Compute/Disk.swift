import Domain

/// A persistent disk. Its size is the least that it is to have.
struct Disk: EnsuredResource {
    static let kind = ResourceKind.disk
    static let action = "gcp.disk-ensure"
    static let summary = "Makes a persistent disk, or lets it grow to a size; never makes one smaller"
    static let outputs: [ActionType.Output] = [.init("size_gib", .integer(nil), "Its size in GiB")]

    private let name: String
    private let pool: String
    private let zone: String?
    private let size: Int
    private let type: String
    private let image: String?
    private let snapshot: String?
    private let labels: [String: String]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the disk")
        pool = input.pool()
        zone = input.zone()
        size = DiskSize.gibibytes(input.quantity("size", "The least that it has, such as 2TiB; a larger one stays"))
        type = input.text(
            "type", "Type of the disk, such as pd-ssd or pd-balanced", pattern: CloudName.type, default: "pd-balanced")
        image = input.optionalText(
            "image", "What it is made of: an image, such as projects/debian-cloud/global/images/family/debian-12",
            pattern: CloudName.image)
        snapshot = input.optionalText("snapshot", "What it is made of: name of a snapshot", pattern: CloudName.resource)
        labels = input.labels()
        if image != nil, snapshot != nil {
            input.report("a disk is made of one thing", field: "snapshot", fix: "give one of 'image' and 'snapshot'")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        try DiskSize.check(size, "disk \(name)", most: defaults.largestDisk)
        let place = try defaults.zone(zone)
        let home = "projects/\(defaults.project)"
        let size = JSONValue.string(String(size))
        var body: [String: JSONValue] = [
            "sizeGb": size, "type": .string("\(home)/\(place.path)/diskTypes/\(type)"),
        ]
        if let image { body["sourceImage"] = .string(Disk.path(ofImage: image, home)) }
        if let snapshot { body["sourceSnapshot"] = .string("\(home)/global/snapshots/\(snapshot)") }
        return ResourceWish(
            kind: Disk.kind, project: defaults.project, place: place, name: name, pool: pool, body: body,
            fields: [
                WantedField(
                    name: "type", wanted: .string(type), present: Field.name("type"), change: .replacement()),
                WantedField(
                    name: "sizeGb", wanted: .int(Int64(self.size)),
                    present: { DiskSize.gibibytes(of: $0).map { .int(Int64($0)) } ?? .null },
                    change: .call { _, path in
                        GoogleCall(.compute, "POST", "\(path)/resize", body: ["sizeGb": size])
                    },
                    isSame: { present, wanted in (present.intValue ?? 0) >= (wanted.intValue ?? 0) }),
            ], labels: labels)
    }

    /// An image of this project unless it names another one.
    static func path(ofImage image: String, _ home: String) -> String {
        image.hasPrefix("projects/") ? image : "\(home)/global/\(image)"
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] {
        ["size_gib": .int(Int64(DiskSize.gibibytes(of: resource) ?? 0))]
    }
}
