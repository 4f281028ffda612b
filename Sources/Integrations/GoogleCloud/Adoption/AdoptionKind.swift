/// What can be taken over: things of Compute Engine, clusters, and node pools, named as their ensure actions are.
enum AdoptionKind: RawRepresentable, CaseIterable, Sendable {
    case thing(AdoptableKind)
    case cluster, nodePool

    static let allCases: [AdoptionKind] = AdoptableKind.allCases.map { .thing($0) } + [.cluster, .nodePool]

    init?(rawValue: String) {
        guard let found = AdoptionKind.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = found
    }

    var rawValue: String {
        switch self {
        case .thing(let kind): kind.rawValue
        case .cluster: "cluster"
        case .nodePool: "node-pool"
        }
    }
}
