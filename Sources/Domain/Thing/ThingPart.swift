/// One thing of a run: how it is looked at, and how it is made what it is wanted to be.
package struct ThingPart: Sendable {
    /// As its ensure action is named: `health-check`.
    package var kind: String
    /// When its turn is: what it may be made of or be in comes before.
    package var turn: Int
    /// Where it is; two parts of a run never have the same.
    package var path: String
    package var name: String
    /// For people: `disk chain-0`.
    package var title: String
    package var look: @Sendable () async throws -> ThingLook
    package var perform: @Sendable (ActionContext) async throws -> EnsuredThing
    package var outputs: @Sendable (EnsuredThing) -> [String: JSONValue]

    package init(
        kind: String, turn: Int, path: String, name: String, title: String,
        look: @escaping @Sendable () async throws -> ThingLook,
        perform: @escaping @Sendable (ActionContext) async throws -> EnsuredThing,
        outputs: @escaping @Sendable (EnsuredThing) -> [String: JSONValue]
    ) {
        self.kind = kind
        self.turn = turn
        self.path = path
        self.name = name
        self.title = title
        self.look = look
        self.perform = perform
        self.outputs = outputs
    }
}
