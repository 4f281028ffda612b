/// The kinds of things that one list can hold, named as their ensure actions are: things of Compute Engine, clusters, and
/// node pools.
enum ThingKind: RawRepresentable, CaseIterable, Hashable, Sendable {
    case thing(EnsuredKind)
    case cluster, nodePool

    static let allCases: [ThingKind] = EnsuredKind.allCases.map { .thing($0) } + [.cluster, .nodePool]

    init?(rawValue: String) {
        guard let found = ThingKind.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = found
    }

    var rawValue: String {
        switch self {
        case .thing(let kind): kind.rawValue
        case .cluster: "cluster"
        case .nodePool: "node-pool"
        }
    }

    /// When its turn is: what it may be made of or be in comes before.
    var turn: Int {
        switch self {
        case .thing(let kind): kind.turn
        case .cluster: 3
        case .nodePool: 4
        }
    }
}
