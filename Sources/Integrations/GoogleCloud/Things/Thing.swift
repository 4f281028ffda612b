import Domain

/// One thing of a pool at Google Cloud, as it is wanted.
enum Thing: Sendable {
    case compute(any EnsuredResource, EnsuredKind)
    case container(any ContainerResource, ThingKind)

    var kind: ThingKind {
        switch self {
        case .compute(_, let kind): .thing(kind)
        case .container(_, let kind): kind
        }
    }

    /// Reads one item of a list: its kind, and the inputs of that kind's ensure action. Throws `Unfit`.
    init(_ item: JSONValue) throws(Unfit) {
        guard var members = item.objectValue, let word = members.removeValue(forKey: "kind")?.stringValue,
            let kind = ThingKind(rawValue: word)
        else {
            throw Unfit(problems: [Thing.unknownKind])
        }
        var reader = InputReader.reading(LocatedValue(.object(members)))
        self = Thing(kind, &reader)
        reader.finish()
        guard reader.problems.isEmpty else { throw Unfit(kind: word, problems: reader.problems) }
    }

    /// Reads the inputs of a kind's ensure action.
    init(_ kind: ThingKind, _ input: inout InputReader) {
        switch kind {
        case .thing(let kind): self = .compute(kind.read(&input), kind)
        case .cluster: self = .container(Cluster(&input), .cluster)
        case .nodePool: self = .container(NodePool(&input), .nodePool)
        }
    }

    static let unknownKind = Problem(
        "has no kind that is known", at: .none,
        fix: "kinds: \(ThingKind.allCases.map(\.rawValue).joined(separator: ", "))")

    /// What is wrong with an item of a list.
    struct Unfit: Error {
        /// Nil when it has none.
        var kind: String?
        var problems: [Problem]
    }
}
