import Domain

/// Who is in an unmanaged instance group, and who was taken out of it: the group itself tells neither.
struct GroupMembers: Sendable {
    enum Verb: String, Sendable {
        case add, remove
    }

    /// Names of instances.
    var inside: Set<String>
    /// When an instance was taken out, by its name: RFC 3339. Kept in the ledger.
    var takenOut: [String: String]

    /// Whose place is clear: they are in it, or out of it on purpose.
    var settled: Set<String> { inside.union(takenOut.keys) }

    /// Reads both. Throws `GoogleFailure`, `ActionError` or `CancellationError`.
    static func read(_ path: String, _ client: GoogleCloudClient, _ context: ActionContext) async throws -> GroupMembers
    {
        let found = try await client.list(
            GoogleCall(
                .compute, "POST", "\(path)/listInstances",
                query: [.init("fields", "nextPageToken,items(instance)")], body: ["instanceState": "ALL"]))
        let names = found.compactMap { $0["instance"]?.stringValue.map(ResourcePath.name) }
        let kept = try await context.kept.value(key(path))?.value?.objectValue ?? [:]
        return GroupMembers(inside: Set(names), takenOut: kept.compactMapValues(\.stringValue))
    }

    /// Keeps who is taken out. Throws `ActionError`.
    func keep(_ path: String, _ context: ActionContext) async throws(ActionError) {
        let key = GroupMembers.key(path)
        if takenOut.isEmpty {
            try await context.kept.remove(key)
        } else {
            try await context.kept.set(key, .object(takenOut.mapValues(JSONValue.string)))
        }
    }

    private static func key(_ path: String) -> String { "taken-out/google-cloud/\(path)" }

    /// Puts instances into a group or takes them out of it.
    static func change(_ verb: Verb, _ names: [String], _ path: String, _ home: InstanceHome) -> GoogleCall {
        GoogleCall(
            .compute, "POST", "\(path)/\(verb.rawValue)Instances",
            body: ["instances": .array(names.map { ["instance": .string(home.type("instances", $0))] })])
    }

    // MARK: Within a group that was read

    private static let insideName = "defimonInside"
    private static let takenOutName = "defimonTakenOut"

    func added(to resource: JSONValue) -> JSONValue {
        var members = resource.objectValue ?? [:]
        members[GroupMembers.insideName] = Field.sortedStrings(Array(inside))
        members[GroupMembers.takenOutName] = .object(takenOut.mapValues(JSONValue.string))
        return .object(members)
    }

    init(in resource: JSONValue) {
        inside = Set((resource[GroupMembers.insideName]?.arrayValue ?? []).compactMap(\.stringValue))
        takenOut = (resource[GroupMembers.takenOutName]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    init(inside: Set<String>, takenOut: [String: String]) {
        self.inside = inside
        self.takenOut = takenOut
    }
}
