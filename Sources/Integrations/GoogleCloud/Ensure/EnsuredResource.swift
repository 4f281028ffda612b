import Domain

/// The inputs that say how one kind of thing is wanted.
protocol EnsuredResource: Sendable {
    static var kind: ResourceKind { get }
    /// `gcp.firewall-ensure`
    static var action: String { get }
    static var summary: String { get }
    /// Beside those that every ensure has.
    static var outputs: [ActionType.Output] { get }

    init(_ input: inout InputReader)
    /// Throws `ActionError` when a place is missing.
    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish
    func outputs(of resource: JSONValue) -> [String: JSONValue]
}

extension EnsuredResource {
    static var outputs: [ActionType.Output] { [] }
    func outputs(of resource: JSONValue) -> [String: JSONValue] { [:] }

    /// Its own outputs and those that every ensure has.
    func outputs(of result: EnsuredThing, _ wish: ResourceWish) -> [String: JSONValue] {
        result.outputs(outputs(of: result.resource), title: wish.title, path: wish.path)
    }
}
