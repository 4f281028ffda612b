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
            let known = ThingKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Unfit(problems: [Problem("has no kind that is known", at: .none, fix: "kinds: \(known)")])
        }
        var reader = InputReader.reading(LocatedValue(.object(members)))
        switch kind {
        case .thing(let kind): self = .compute(kind.read(&reader), kind)
        case .cluster: self = .container(Cluster(&reader), .cluster)
        case .nodePool: self = .container(NodePool(&reader), .nodePool)
        }
        reader.finish()
        guard reader.problems.isEmpty else { throw Unfit(kind: word, problems: reader.problems) }
    }

    /// What is wrong with an item of a list.
    struct Unfit: Error {
        /// Nil when it has none.
        var kind: String?
        var problems: [Problem]
    }
}
