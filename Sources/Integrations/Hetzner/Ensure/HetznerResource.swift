import Domain

typealias WantedField = Domain.WantedField<HetznerChange>

/// How a field of a thing at Hetzner becomes what is wanted.
enum HetznerChange: Sendable {
    /// It stays as it was made: the thing would have to be replaced. With what a person could do instead, if that is
    /// known.
    case replacement(hint: String? = nil)
    /// A call, worked out from the thing as it is; nil when this difference would need replacing. A field may need
    /// several, one after the other.
    case call(@Sendable (_ thing: JSONValue, _ path: String) -> HetznerCall?)
}

/// Who a thing is.
struct ThingIdentity: Sendable {
    let name: String
    /// The pool that it is to belong to.
    let pool: String
    /// Beside the mark.
    let labels: [String: String]

    init(_ input: inout InputReader, _ kind: HetznerKind, pattern: Pattern? = HetznerName.thing) {
        name = input.text("name", "Name of the \(kind.title)", pattern: pattern)
        pool = input.pool()
        labels = input.labels()
    }

    init(name: String, pool: String, labels: [String: String]) {
        self.name = name
        self.pool = pool
        self.labels = labels
    }
}

/// The inputs that say how one kind of thing is wanted.
protocol HetznerResource: Sendable {
    static var kind: HetznerKind { get }
    static var summary: String { get }
    /// Beside those that every ensure has.
    static var outputs: [ActionType.Output] { get }

    init(_ input: inout InputReader)
    var identity: ThingIdentity { get }
    /// What it is made of, without its name and labels. Throws `ActionError` when something that it refers to is missing.
    func body(_ names: HetznerNames) async throws -> [String: JSONValue]
    /// What is compared, with what it refers to as far as that is there.
    func fields(_ names: HetznerNames) async throws -> [WantedField]
    func outputs(of thing: JSONValue) -> [String: JSONValue]

    /// Where it is made: `servers`.
    var collection: String { get }
    func path(of thing: JSONValue) -> String
    /// Reads it anew, nil when it is not there.
    func read(_ client: HetznerClient) async throws -> JSONValue?
    /// Whether nothing is under way with it.
    func isSettled(_ thing: JSONValue) -> Bool
    /// Why it is never changed; nil: it may be.
    func refusal(_ thing: JSONValue) -> ActionError?
    /// Labels beside the mark that it is made with alone.
    var firstLabels: [String: JSONValue] { get }
    /// What it costs, for a plan that makes it.
    func price(_ prices: HetznerPrices) -> String?
}

extension HetznerResource {
    static var outputs: [ActionType.Output] { [] }
    var title: String { "\(Self.kind.title) \(identity.name)" }
    var collection: String { Self.kind.collection }
    /// By which it is known in a run.
    var key: String { "\(collection)/\(identity.name)" }

    func outputs(of thing: JSONValue) -> [String: JSONValue] { [:] }
    func path(of thing: JSONValue) -> String { "\(collection)/\(thing["id"]?.intValue ?? 0)" }
    func read(_ client: HetznerClient) async throws -> JSONValue? {
        try await client.named(identity.name, in: collection)
    }
    func isSettled(_ thing: JSONValue) -> Bool { true }
    func refusal(_ thing: JSONValue) -> ActionError? { nil }
    var firstLabels: [String: JSONValue] { [:] }
    func price(_ prices: HetznerPrices) -> String? { nil }

    /// Labels that others have set stay.
    var labelField: WantedField {
        let wanted = identity.labels.mapValues(JSONValue.string)
            .merging([HetznerMark.pool: .string(identity.pool)]) { $1 }
        return WantedField(
            name: "labels", wanted: .object(wanted),
            present: { thing in .object((thing["labels"]?.objectValue ?? [:]).filter { wanted[$0.key] != nil }) },
            change: .call { thing, path in HetznerMark.labelling(path, thing, adding: wanted) })
    }

    /// Its own outputs and those that every ensure has.
    func outputs(of result: EnsuredThing) -> [String: JSONValue] {
        var own = outputs(of: result.resource)
        own["id"] = result.resource["id"] ?? .null
        return result.outputs(own, title: title)
    }
}
