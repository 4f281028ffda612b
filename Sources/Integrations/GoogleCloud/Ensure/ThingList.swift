import Domain

/// Things of several kinds, each as its ensure action's inputs say: one list serves to adopt what is there and to make
/// what is wanted.
struct ThingList: Sendable {
    /// Things of one step.
    static let most = 100
    /// Looks at once.
    static let atOnce = 8

    enum Thing: Sendable {
        case compute(any EnsuredResource, AdoptableKind)
        case container(any ContainerResource)
    }

    let things: [Thing]

    /// Reads things of these kinds.
    init(_ input: inout InputReader, kinds: [AdoptionKind]) {
        let items = input.list(
            "things", "Each with its kind, as in gcp.<kind>-ensure, and the inputs of that action", isRequired: true)
        if items.count > ThingList.most {
            input.report("'things' are \(items.count), more than \(ThingList.most)", field: "things")
        }
        var things: [Thing] = []
        for (index, item) in items.prefix(ThingList.most).enumerated() {
            guard let thing = ThingList.read(item, number: index + 1, kinds, &input) else { continue }
            things.append(thing)
        }
        self.things = things
    }

    private static func read(_ item: JSONValue, number: Int, _ kinds: [AdoptionKind], _ input: inout InputReader)
        -> Thing?
    {
        guard var members = item.objectValue, let word = members.removeValue(forKey: "kind")?.stringValue,
            let kind = kinds.first(where: { $0.rawValue == word })
        else {
            let known = kinds.map(\.rawValue).joined(separator: ", ")
            input.report("thing \(number) has no kind that is known", field: "things", fix: "kinds: \(known)")
            return nil
        }
        var reader = InputReader.reading(LocatedValue(.object(members)))
        let thing: Thing =
            switch kind {
            case .thing(let kind): .compute(kind.read(&reader), kind)
            case .cluster: .container(Cluster(&reader))
            case .nodePool: .container(NodePool(&reader))
            }
        reader.finish()
        for problem in reader.problems {
            input.report("thing \(number), \(word): \(problem.message)", field: "things", fix: problem.fix)
        }
        return thing
    }
}
