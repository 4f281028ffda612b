import Domain

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
