/// One thing of a pool as a list has it: its kind, and the inputs of that kind's ensure action.
package protocol ListedThing: Sendable {
    /// Names of the kinds that are known.
    static var kinds: [String] { get }
    /// Reads the inputs of a kind; nil when there is no such kind.
    init?(kind: String, _ input: inout InputReader)
}

extension ListedThing {
    /// Reads one item of a list. Throws `UnfitThing`.
    package init(_ item: JSONValue) throws(UnfitThing) {
        var members = item.objectValue ?? [:]
        let kind = members.removeValue(forKey: "kind")?.stringValue
        var reader = InputReader.reading(LocatedValue(.object(members)))
        guard let kind, let thing = Self(kind: kind, &reader) else {
            throw UnfitThing(problems: [UnfitThing.unknownKind(among: Self.kinds)])
        }
        reader.finish()
        guard reader.problems.isEmpty else { throw UnfitThing(kind: kind, problems: reader.problems) }
        self = thing
    }
}

/// What is wrong with an item of a list of things.
package struct UnfitThing: Error {
    /// Nil when it has none that is known.
    package var kind: String?
    package var problems: [Problem]

    package init(kind: String? = nil, problems: [Problem]) {
        self.kind = kind
        self.problems = problems
    }

    static func unknownKind(among kinds: [String]) -> Problem {
        Problem("has no kind that is known", at: .none, fix: "kinds: \(kinds.joined(separator: ", "))")
    }
}
