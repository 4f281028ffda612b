import Domain

/// How the nodes of a pool are: what cannot be changed later, and what can.
struct NodePoolShape: Sendable {
    static let sizes = 0...1000
    static let diskSizes = 10...65_536

    let name: String
    private let machineType: String
    private let diskSize: Int
    private let diskType: String
    private let isSpot: Bool
    private let accelerator: String?
    private let acceleratorCount: Int
    private let taints: [NodeTaint]
    private let nodeLabels: [String: String]
    private let tags: [String]
    private let serviceAccount: String?
    private let size: Int
    let bounds: NodePoolBounds?
    private let zones: [String]

    init(_ input: inout InputReader, named member: String) {
        name = input.text(member, "Name of the node pool", pattern: ClusterPlace.name)
        machineType = input.text("machine_type", "Machine type, such as n2-standard-8", pattern: CloudName.type)
        diskSize = input.integer("disk_gib", "Boot disk of each node, in GiB", in: Self.diskSizes, default: 100)
        diskType = input.text("disk_type", "Type of the boot disks", pattern: CloudName.type, default: "pd-balanced")
        isSpot = input.flag("spot", "Cheaper machines that Google takes back when it needs them")
        accelerator = input.optionalText(
            "accelerator", "Type of the GPUs of each node, such as nvidia-l4", pattern: CloudName.type)
        acceleratorCount = input.integer("accelerator_count", "GPUs of each node", in: 1...16, default: 1)
        taints = NodeTaint.read(&input)
        nodeLabels = input.textMap("node_labels", "Labels of the nodes in Kubernetes")
        tags = input.texts("network_tags", "Network tags of the nodes", each: CloudName.resource, "a network tag")
        serviceAccount = input.optionalText(
            "service_account", "The account of the nodes; the project's usual one when it is left out",
            pattern: CloudName.serviceAccount)
        size = input.integer(
            "size", "Nodes in each zone when it is made; afterwards gcp.node-pool-resize", in: Self.sizes, default: 1)
        bounds = NodePoolBounds(&input)
        zones = input.texts(
            "zones", "Zones of its nodes; the cluster's when left out", each: CloudName.zone, "a zone")
        if input.isGiven("accelerator_count"), accelerator == nil {
            input.report("'accelerator_count' is for 'accelerator' only", field: "accelerator_count")
        }
    }

    /// What it is made of, with its mark.
    func body(pool: String) -> [String: JSONValue] {
        var config: [String: JSONValue] = [
            "machineType": .string(machineType), "diskSizeGb": .int(Int64(diskSize)), "diskType": .string(diskType),
            "oauthScopes": ["https://www.googleapis.com/auth/cloud-platform"],
            "resourceLabels": .object([PoolMark.word: .string(pool)]),
        ]
        if isSpot { config["spot"] = true }
        if let accelerator {
            config["accelerators"] = [
                [
                    "acceleratorType": .string(accelerator), "acceleratorCount": .string(String(acceleratorCount)),
                    "gpuDriverInstallationConfig": ["gpuDriverVersion": "DEFAULT"],
                ]
            ]
        }
        if !taints.isEmpty { config["taints"] = .array(taints.map(\.json)) }
        if !nodeLabels.isEmpty { config["labels"] = .object(nodeLabels.mapValues(JSONValue.string)) }
        if !tags.isEmpty { config["tags"] = Field.strings(tags) }
        config["serviceAccount"] = serviceAccount.map { .string($0) }
        var body: [String: JSONValue] = [
            "name": .string(name), "initialNodeCount": .int(Int64(size)), "config": .object(config),
        ]
        if let bounds { body["autoscaling"] = bounds.json }
        if !zones.isEmpty { body["locations"] = Field.strings(zones) }
        return body
    }

    /// The number of nodes is not among them: people and autoscalers change it.
    var fields: [WantedField] { fixedFields + changeableFields }

    private var fixedFields: [WantedField] {
        let hint = "make a node pool of another name, move the pods there, and delete this one by hand"
        var fields = [
            ("machine_type", JSONValue.string(machineType), Field.value("config.machineType")),
            ("disk_gib", .int(Int64(diskSize)), Field.value("config.diskSizeGb")),
            ("disk_type", .string(diskType), Field.value("config.diskType")),
            ("spot", .bool(isSpot), Field.value("config.spot", usual: false)),
            (
                "accelerator", accelerator.map { .string("\(acceleratorCount) × \($0)") } ?? .null,
                { pool in
                    guard let first = pool.at(path: "config.accelerators.0") else { return .null }
                    let count = first["acceleratorCount"]?.plainText ?? ""
                    return .string("\(count) × \(first["acceleratorType"]?.plainText ?? "")")
                }
            ),
        ]
        if let serviceAccount {
            fields.append(("service_account", .string(serviceAccount), Field.value("config.serviceAccount")))
        }
        return fields.map { name, wanted, present in
            WantedField(name: name, wanted: wanted, present: present, change: .replacement(hint: hint))
        }
    }

    private var changeableFields: [WantedField] {
        let labels = JSONValue.object(nodeLabels.mapValues(JSONValue.string))
        var fields = [
            WantedField(
                name: "taints", wanted: NodeTaint.shown(taints.map(\.json)),
                present: { NodeTaint.shown($0.at(path: "config.taints")?.arrayValue ?? []) },
                change: Self.update("taints", ["taints": .array(taints.map(\.json))])),
            WantedField(
                name: "node_labels", wanted: labels, present: Field.value("config.labels", usual: [:]),
                change: Self.update("labels", ["labels": labels])),
            WantedField(
                name: "network_tags", wanted: Field.sortedStrings(tags), present: Field.set("config.tags"),
                change: Self.update("tags", ["tags": Field.strings(tags)])),
        ]
        if let bounds { fields.append(bounds.field) }
        if !zones.isEmpty {
            fields.append(
                WantedField(
                    name: "zones", wanted: Field.sortedStrings(zones), present: Field.set("locations"),
                    change: Self.update("locations", Field.strings(zones))))
        }
        return fields
    }

    private static func update(_ member: String, _ value: JSONValue) -> FieldChange {
        .call { _, path in GoogleCall(.container, "PUT", path, body: .object([member: value])) }
    }
}
