import Domain

/// A cluster of Kubernetes Engine: regional where its location is a region, zonal where it is a zone.
struct Cluster: ContainerResource {
    enum Channel: String, CaseIterable {
        case rapid = "RAPID"
        case regular = "REGULAR"
        case stable = "STABLE"
        case extended = "EXTENDED"
    }

    static let action = "gcp.cluster-ensure"
    static let summary =
        "Makes a Kubernetes cluster, regional or zonal, with its first node pool, or changes what may be"
    static let outputs: [ActionType.Output] = [
        .init("endpoint", .text(nil), "Where its API server answers"),
        .init("version", .text(nil), "Version of its control plane"),
    ]
    /// Networks that may reach the API server (Google takes no more).
    static let mostNetworks = 100

    private let place: ClusterPlace
    private let network: String
    private let subnetwork: String
    private let podRange: String?
    private let serviceRange: String?
    private let hasPrivateNodes: Bool
    private let hasWorkloadIdentity: Bool
    private let channel: Channel
    private let authorizedNetworks: [String]?
    private let first: NodePoolShape?

    init(_ input: inout InputReader) {
        place = ClusterPlace(&input, named: "name")
        network = input.text("network", "Name of the network", pattern: CloudName.resource)
        subnetwork = input.text(
            "subnetwork", "Name of the subnetwork, in the cluster's region", pattern: CloudName.resource)
        podRange = input.optionalText(
            "pod_range", "Secondary range of the subnetwork for pods; Google makes one when it is left out",
            pattern: CloudName.resource)
        serviceRange = input.optionalText(
            "service_range", "Secondary range of the subnetwork for services", pattern: CloudName.resource)
        hasPrivateNodes = input.flag("private_nodes", "Nodes have no external address", default: true)
        hasWorkloadIdentity = input.flag(
            "workload_identity", "Pods can act as service accounts of the project", default: true)
        channel =
            input.choice("release_channel", "How new its versions are", of: Channel.self, default: .regular) ?? .regular
        let networks = input.texts(
            "authorized_networks", "Ranges that may reach the API server; everybody when left out",
            each: CloudName.range, "a range such as 192.0.2.0/24")
        authorizedNetworks = input.isGiven("authorized_networks") ? networks : nil
        if networks.count > Cluster.mostNetworks {
            input.report(
                "there are \(networks.count) authorized networks, and Google takes \(Cluster.mostNetworks)",
                field: "authorized_networks")
        }
        first = input.section("node_pool", "Its first node pool: Google makes no cluster without one") {
            NodePoolShape(&$0, named: "name")
        }
        if first == nil, input.problems.isEmpty {
            input.report(
                "the cluster has no first node pool", field: "node_pool",
                fix: "give node_pool: {name: cpu, machine_type: n2-standard-8}")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ContainerWish {
        let parent = try place.parent(defaults)
        let identity = "\(defaults.project).svc.id.goog"
        var body: [String: JSONValue] = [
            "network": .string(network), "subnetwork": .string(subnetwork),
            "networkConfig": ["defaultEnablePrivateNodes": .bool(hasPrivateNodes)],
            "releaseChannel": ["channel": .string(channel.rawValue)],
        ]
        var ranges: [String: JSONValue] = ["useIpAliases": true]
        ranges["clusterSecondaryRangeName"] = podRange.map { .string($0) }
        ranges["servicesSecondaryRangeName"] = serviceRange.map { .string($0) }
        body["ipAllocationPolicy"] = .object(ranges)
        if hasWorkloadIdentity { body["workloadIdentityConfig"] = ["workloadPool": .string(identity)] }
        if let authorizedNetworks {
            body["masterAuthorizedNetworksConfig"] = Cluster.authorized(authorizedNetworks)
        }
        if let first { body["nodePools"] = [.object(first.body(pool: place.pool))] }
        return ContainerWish(
            title: "cluster \(place.cluster)", parent: parent, cluster: place.cluster, pool: place.pool, body: body,
            fields: fixedFields + changeableFields(identity: identity))
    }

    private var fixedFields: [WantedField] {
        var fields = [
            WantedField(
                name: "network", wanted: .string(network), present: Field.name("network"), change: .replacement()),
            WantedField(
                name: "subnetwork", wanted: .string(subnetwork), present: Field.name("subnetwork"),
                change: .replacement()),
        ]
        for (name, member, wanted) in [
            ("pod_range", "clusterSecondaryRangeName", podRange),
            ("service_range", "servicesSecondaryRangeName", serviceRange),
        ] {
            guard let wanted else { continue }
            fields.append(
                WantedField(
                    name: name, wanted: .string(wanted), present: Field.value("ipAllocationPolicy.\(member)"),
                    change: .replacement()))
        }
        return fields
    }

    private func changeableFields(identity: String) -> [WantedField] {
        var fields = [
            WantedField(
                name: "private_nodes", wanted: .bool(hasPrivateNodes),
                present: { cluster in
                    cluster.at(path: "networkConfig.defaultEnablePrivateNodes")
                        ?? cluster.at(path: "privateClusterConfig.enablePrivateNodes") ?? false
                }, change: Cluster.update("desiredDefaultEnablePrivateNodes", .bool(hasPrivateNodes))),
            WantedField(
                name: "release_channel", wanted: .string(channel.rawValue),
                present: Field.value("releaseChannel.channel"),
                change: Cluster.update("desiredReleaseChannel", ["channel": .string(channel.rawValue)])),
        ]
        let wanted = hasWorkloadIdentity ? identity : ""
        fields.append(
            WantedField(
                name: "workload_identity", wanted: .string(wanted),
                present: Field.value("workloadIdentityConfig.workloadPool", usual: ""),
                change: Cluster.update("desiredWorkloadIdentityConfig", ["workloadPool": .string(wanted)])))
        if let authorizedNetworks {
            fields.append(
                WantedField(
                    name: "authorized_networks", wanted: Field.sortedStrings(authorizedNetworks),
                    present: { cluster in
                        let config = cluster["masterAuthorizedNetworksConfig"]
                        guard config?["enabled"] == true else { return .null }
                        return Field.sorted((config?["cidrBlocks"]?.arrayValue ?? []).compactMap { $0["cidrBlock"] })
                    },
                    change: Cluster.update(
                        "desiredMasterAuthorizedNetworksConfig", Cluster.authorized(authorizedNetworks))))
        }
        return fields
    }

    private static func authorized(_ networks: [String]) -> JSONValue {
        ["enabled": true, "cidrBlocks": .array(networks.map { ["cidrBlock": .string($0)] })]
    }

    /// Google takes one update at a time.
    private static func update(_ member: String, _ value: JSONValue) -> FieldChange {
        .call { _, path in GoogleCall(.container, "PUT", path, body: ["update": .object([member: value])]) }
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] {
        [
            "endpoint": resource["endpoint"] ?? "", "version": resource["currentMasterVersion"] ?? "",
        ]
    }
}
