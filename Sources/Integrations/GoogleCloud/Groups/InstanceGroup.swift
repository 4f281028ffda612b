import Domain

/// A group of alike instances of one zone, which Google keeps at its size. The size is what it is made with: later it
/// belongs to gcp.instance-group-resize and to the autoscaler.
struct InstanceGroup: EnsuredResource {
    static let kind = ResourceKind.instanceGroup
    static let action = "gcp.instance-group-ensure"
    static let summary = "Makes a managed instance group, or gives it another template"
    static let outputs: [ActionType.Output] = [
        .init("size", .integer(nil), "How many instances it is to have"),
        .init("group", .text(nil), "The URL of its instances, for a backend service"),
    ]
    static let sizes = 0...100

    private let name: String
    private let pool: String
    private let zone: String?
    private let template: String
    private let size: Int
    private let baseName: String
    private let ports: [String: String]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the group")
        pool = input.pool()
        zone = input.zone()
        template = input.text("template", "Name of the instance template", pattern: CloudName.resource)
        size = input.integer("size", "How many instances it is made with", in: InstanceGroup.sizes)
        baseName = input.text(
            "base_name", "With which names of its instances begin; the group's when left out",
            pattern: CloudName.resource, default: "")
        ports = input.textMap("named_ports", "Ports by names that load balancers use, such as rpc: 8545")
        for (name, port) in ports.sorted(by: { $0.key < $1.key }) where Int(port).map((1...65_535).contains) != true {
            input.report("'\(port.prefix(20))' of '\(name.prefix(63))' is no port", field: "named_ports")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let link = "projects/\(defaults.project)/global/instanceTemplates/\(template)"
        var body: [String: JSONValue] = [
            "instanceTemplate": .string(link), "targetSize": .int(Int64(size)),
            "baseInstanceName": .string(baseName.isEmpty ? name : baseName),
        ]
        let ports = ports.sorted { $0.key < $1.key }
        if !ports.isEmpty {
            body["namedPorts"] = .array(
                ports.map { ["name": .string($0.key), "port": .int(Int64($0.value) ?? 0)] })
        }
        return ResourceWish(
            kind: InstanceGroup.kind, project: defaults.project, place: try defaults.zone(zone), name: name, pool: pool,
            body: body,
            fields: [
                WantedField(
                    name: "template", wanted: .string(link), present: Field.link("instanceTemplate"),
                    change: .patch(member: "instanceTemplate")),
                WantedField(
                    name: "named_ports", wanted: Field.sortedStrings(ports.map { "\($0.key):\($0.value)" }),
                    present: { resource in
                        Field.sortedStrings(
                            (resource["namedPorts"]?.arrayValue ?? []).map {
                                "\($0["name"]?.stringValue ?? ""):\($0["port"]?.intValue ?? 0)"
                            })
                    }, change: .patch(member: "namedPorts")),
            ])
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] {
        ["size": resource["targetSize"] ?? 0, "group": resource["instanceGroup"] ?? ""]
    }
}
