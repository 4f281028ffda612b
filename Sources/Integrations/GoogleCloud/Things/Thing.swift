import Domain

/// One thing of a pool at Google Cloud, as it is wanted.
enum Thing: ListedThing {
    case compute(any EnsuredResource, EnsuredKind)
    case container(any ContainerResource, ThingKind)

    var kind: ThingKind {
        switch self {
        case .compute(_, let kind): .thing(kind)
        case .container(_, let kind): kind
        }
    }

    static var kinds: [String] { ThingKind.allCases.map(\.rawValue) }

    init?(kind: String, _ input: inout InputReader) {
        switch ThingKind(rawValue: kind) {
        case .thing(let kind)?: self = .compute(kind.read(&input), kind)
        case .cluster?: self = .container(Cluster(&input), .cluster)
        case .nodePool?: self = .container(NodePool(&input), .nodePool)
        case nil: return nil
        }
    }
}
