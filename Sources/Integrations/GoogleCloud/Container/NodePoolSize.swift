import Domain

/// How many nodes a pool has.
struct NodePoolSize: ContainerResource {
    static let action = "gcp.node-pool-resize"
    static let summary = "Gives a node pool of a Kubernetes cluster another number of nodes"
    static let outputs: [ActionType.Output] = [.init("size", .integer(nil), "Nodes that it is to have in each zone")]
    /// Groups of one pool, one in each zone.
    static let mostGroups = 20

    private let place: ClusterPlace
    private let name: String
    private let size: Int

    init(_ input: inout InputReader) {
        place = ClusterPlace(&input, named: "cluster")
        name = input.text("name", "Name of the node pool", pattern: ClusterPlace.name)
        size = input.integer("size", "Nodes in each of its zones", in: NodePoolShape.sizes)
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ContainerWish {
        let size = size
        return ContainerWish(
            title: "node pool \(name) of cluster \(place.cluster)", parent: try place.parent(defaults),
            cluster: place.cluster, nodePool: name, pool: place.pool, body: nil,
            fields: [
                WantedField(
                    name: "size", wanted: .int(Int64(size)), present: Field.value("size"),
                    change: .call { _, path in
                        GoogleCall(.container, "POST", "\(path):setSize", body: ["nodeCount": .int(Int64(size))])
                    })
            ])
    }

    /// The pool itself tells with how many it was made; how many there are now, its groups of instances.
    func enriched(_ client: GoogleCloudClient, _ resource: JSONValue) async throws -> JSONValue {
        var sizes: Set<Int> = []
        for url in (resource["instanceGroupUrls"]?.arrayValue ?? []).prefix(NodePoolSize.mostGroups) {
            let path = ResourcePath.relative(url.plainText)
            if let size = try await client.find(GoogleCall(.compute, "GET", path))?["targetSize"]?.intValue {
                sizes.insert(size)
            }
        }
        var members = resource.objectValue ?? [:]
        // Zones of different sizes are no size that anybody has wanted.
        members["size"] =
            sizes.count == 1 ? .int(Int64(sizes.first ?? 0)) : Field.strings(sizes.sorted().map { String($0) })
        // An autoscaler would undo it at once.
        guard members["size"] == .int(Int64(size)) || NodePoolBounds.present(resource) == .null else {
            throw ActionError(
                "node pool \(name) of cluster \(place.cluster) has the size that its autoscaler gives it",
                hint: "change its bounds with gcp.node-pool-autoscale")
        }
        return .object(members)
    }

    func outputs(of resource: JSONValue) -> [String: JSONValue] { ["size": .int(Int64(size))] }
}
