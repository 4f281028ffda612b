import Domain

/// A virtual machine.
struct Instance: EnsuredResource {
    enum ExternalAddress: String, CaseIterable {
        case none
        case ephemeral
        case reserved
    }

    /// Bytes of one value of its metadata (cloud.google.com/compute/docs/metadata/setting-custom-metadata).
    static let largestMetadata = 256 * 1024

    static let kind = ResourceKind.instance
    static let action = "gcp.instance-ensure"
    static let summary = "Makes a virtual machine, or changes of it what may be changed while it runs"
    static let outputs: [ActionType.Output] = [
        .init("internal_ip", .text(nil), "Its address inside"),
        .init("external_ip", .text(nil), "Its address on the internet; empty when it has none"),
        .init("status", .text(nil), "RUNNING, TERMINATED, …"),
    ]

    let name: String
    let pool: String
    let zone: String?
    let machineType: String
    let bootImage: String
    let bootSize: Int
    let bootType: String
    let disks: [String]
    let subnetwork: String
    let external: ExternalAddress
    let externalAddress: String?
    let tags: [String]
    let metadata: [String: String]
    let serviceAccount: String?
    let hasSecureBoot: Bool
    let isProtected: Bool
    let labels: [String: String]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the instance")
        pool = input.pool()
        zone = input.zone()
        machineType = input.text("machine_type", "Such as n2-standard-8", pattern: CloudName.type)
        bootImage = input.text(
            "image", "What its boot disk is made of, such as projects/debian-cloud/global/images/family/debian-12",
            pattern: CloudName.image)
        bootSize = DiskSize.gibibytes(input.quantity("boot_size", "Size of the boot disk, such as 20GiB"))
        bootType = input.text("boot_type", "Type of the boot disk", pattern: CloudName.type, default: "pd-balanced")
        disks = input.texts(
            "disks", "Disks of its zone that are attached, by name; a disk's name is the device's too",
            each: CloudName.resource, "the name of a disk")
        subnetwork = input.text("subnetwork", "Name of its subnetwork", pattern: CloudName.resource)
        external =
            input.choice(
                "external_ip", "Its address on the internet", of: ExternalAddress.self, default: ExternalAddress.none)
            ?? .none
        externalAddress = input.optionalText(
            "address", "With external_ip: reserved, that address itself, such as 203.0.113.7")
        tags = input.texts(
            "network_tags", "By which firewall rules know it", each: CloudName.resource, "a network tag")
        var metadata = input.textMap("metadata", "What it can read at its metadata server; others' entries stay")
        if let script = input.optionalText("startup_script", "What it runs whenever it starts") {
            metadata["startup-script"] = script
        }
        self.metadata = metadata
        serviceAccount = input.optionalText(
            "service_account", "As whom it speaks to Google; nobody when left out", pattern: CloudName.serviceAccount)
        hasSecureBoot = input.flag("secure_boot", "Whether it boots signed systems only", default: true)
        isProtected = input.flag("deletion_protection", "Whether it cannot be deleted", default: false)
        labels = input.labels()
        for (key, value) in metadata where value.utf8.count > Instance.largestMetadata {
            input.report(
                "metadata '\(key.prefix(80))' is larger than \(Instance.largestMetadata) bytes", field: "metadata")
        }
        if external == .reserved, !input.isGiven("address") {
            input.report(
                "'address' is missing", field: "address", fix: "give the address that gcp.address-ensure put out")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        try DiskSize.check(bootSize, "the boot disk of instance \(name)", most: defaults.largestDisk)
        let home = InstanceHome(project: defaults.project, place: try defaults.zone(zone))
        return ResourceWish(
            kind: Instance.kind, project: defaults.project, place: home.place, name: name, pool: pool,
            body: body(home), fields: fields(home), labels: labels)
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] {
        [
            "internal_ip": resource.at(path: "networkInterfaces.0.networkIP") ?? "",
            "external_ip": resource.at(path: "networkInterfaces.0.accessConfigs.0.natIP") ?? "",
            "status": resource["status"] ?? "",
        ]
    }
}

/// Where the things are that an instance refers to.
struct InstanceHome: Sendable {
    let project: String
    let place: CloudPlace

    func disk(_ name: String) -> String { "projects/\(project)/\(place.path)/disks/\(name)" }
    func subnetwork(_ name: String) -> String {
        "projects/\(project)/regions/\(place.region ?? "")/subnetworks/\(name)"
    }
    func type(_ collection: String, _ name: String) -> String {
        "projects/\(project)/\(place.path)/\(collection)/\(name)"
    }
}
