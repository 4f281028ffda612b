import Domain

/// A group of servers that are kept on different machines.
struct HetznerPlacementGroup: HetznerResource {
    enum Strategy: String, CaseIterable {
        case spread
    }

    static let kind = HetznerKind.placementGroup
    static let summary = "Makes a placement group, whose servers are on different machines of Hetzner's; at most 10"

    let identity: ThingIdentity
    private let strategy: Strategy

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        strategy = input.choice("type", "How its servers are placed", of: Strategy.self, default: .spread) ?? .spread
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] { ["type": .string(strategy.rawValue)] }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        [
            WantedField(
                name: "type", wanted: .string(strategy.rawValue), present: Field.value("type"), change: .replacement())
        ]
    }
}
