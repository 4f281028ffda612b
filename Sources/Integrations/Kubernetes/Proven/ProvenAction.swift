import Domain

/// Calls the manifests good that the same job has applied: the last step of a deploy, when all that it waits for and
/// looks at is well.
struct ProvenAction: RepeatableAction, Plannable {
    private let history: ManifestHistory

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.proven",
            "Calls the manifests good that the job has applied with 'keep', for kubernetes.rollback", effect: .changes,
            outputs: [.init("objects", .integer(nil), "How many objects they are")]
        ) { ProvenAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        history = ManifestHistory(&input, ClusterTarget(&input, clusters))
    }

    /// Nothing of the cluster changes.
    func plan(_ context: ActionContext) async throws -> ActionPlan { ActionPlan(changes: []) }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        switch try await history.prove(context) {
        case .proven(let count):
            return [
                "objects": .int(Int64(count)),
                "summary": .string("what a rollback of \(history.folder) goes back to"),
            ]
        case .notKept(let reason):
            return ["objects": 0, "summary": .string("a rollback goes back to what was good before this: \(reason)")]
        }
    }
}
