import Domain

/// Between how many nodes in each zone an autoscaler chooses.
struct NodePoolBounds: Sendable {
    private let least: Int
    private let most: Int

    /// Nil when they are not given.
    init?(_ input: inout InputReader) {
        let least = input.optionalInteger(
            "min", "The fewest nodes in each zone; with max, an autoscaler chooses", in: NodePoolShape.sizes)
        let most = input.optionalInteger("max", "The most nodes in each zone", in: 1...1000)
        if input.isGiven("min") != input.isGiven("max") {
            input.report(
                "'min' and 'max' belong together", field: input.isGiven("min") ? "min" : "max", fix: "give both")
        }
        guard let least, let most else { return nil }
        if least > most { input.report("'min' is larger than 'max'", field: "min") }
        self.least = least
        self.most = most
    }

    var json: JSONValue {
        ["enabled": true, "minNodeCount": .int(Int64(least)), "maxNodeCount": .int(Int64(most))]
    }

    var field: WantedField {
        let body: JSONValue = ["autoscaling": json]
        return WantedField(
            name: "autoscaling", wanted: .string("\(least) to \(most)"), present: NodePoolBounds.present,
            change: .call { _, path in GoogleCall(.container, "POST", "\(path):setAutoscaling", body: body) })
    }

    /// `1 to 3`; null when no autoscaler is on.
    static func present(_ pool: JSONValue) -> JSONValue {
        guard let now = pool["autoscaling"], now["enabled"] == true else { return .null }
        return .string("\(now["minNodeCount"]?.intValue ?? 0) to \(now["maxNodeCount"]?.intValue ?? 0)")
    }
}
