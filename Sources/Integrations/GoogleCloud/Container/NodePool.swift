import Domain

/// A node pool of a cluster.
struct NodePool: ContainerResource {
    static let action = "gcp.node-pool-ensure"
    static let summary = "Makes a node pool of a Kubernetes cluster, of CPUs or GPUs, or changes what may be"

    private let place: ClusterPlace
    private let shape: NodePoolShape

    init(_ input: inout InputReader) {
        place = ClusterPlace(&input, named: "cluster")
        shape = NodePoolShape(&input, named: "name")
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ContainerWish {
        ContainerWish(
            title: "node pool \(shape.name) of cluster \(place.cluster)", parent: try place.parent(defaults),
            cluster: place.cluster, nodePool: shape.name, pool: place.pool, body: shape.body(pool: place.pool),
            fields: shape.fields)
    }
}

/// How a node pool grows and shrinks by itself.
struct NodePoolAutoscaling: ContainerResource {
    static let action = "gcp.node-pool-autoscale"
    static let summary = "Lets an autoscaler choose the size of a node pool between two bounds, or ends that"

    private let place: ClusterPlace
    private let name: String
    private let isOff: Bool
    private let bounds: NodePoolBounds?

    init(_ input: inout InputReader) {
        place = ClusterPlace(&input, named: "cluster")
        name = input.text("name", "Name of the node pool", pattern: ClusterPlace.name)
        isOff = input.flag("off", "No autoscaler: the pool keeps the size that it has")
        bounds = NodePoolBounds(&input)
        if isOff == input.isGiven("min"), input.problems.isEmpty, !input.isGiven("off") || isOff {
            input.report(
                isOff ? "'off' has no bounds" : "there are no bounds", field: isOff ? "off" : "min",
                fix: "give min and max, or off: true")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ContainerWish {
        let off = WantedField(
            name: "autoscaling", wanted: .null, present: NodePoolBounds.present,
            change: .call { _, path in
                GoogleCall(.container, "POST", "\(path):setAutoscaling", body: ["autoscaling": ["enabled": false]])
            })
        return ContainerWish(
            title: "node pool \(name) of cluster \(place.cluster)", parent: try place.parent(defaults),
            cluster: place.cluster, nodePool: name, pool: place.pool, body: nil, fields: [bounds?.field ?? off])
    }
}
