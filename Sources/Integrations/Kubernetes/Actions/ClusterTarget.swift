import Domain

/// The cluster that an action works on, as its inputs name it.
struct ClusterTarget: Sendable {
    let cluster: String
    private let directory: ClusterDirectory

    init(_ input: inout InputReader, _ directory: ClusterDirectory) {
        cluster = input.text("cluster", "Name of the cluster in the settings")
        self.directory = directory
    }

    init(_ cluster: String, _ directory: ClusterDirectory) {
        self.cluster = cluster
        self.directory = directory
    }

    func client() throws(ActionError) -> KubernetesClient { try directory.client(cluster) }

    /// One of the bot's own secrets, as it is now. Throws `ActionError` when it cannot be read.
    func secret(_ reference: SecretReference) throws(ActionError) -> Secret { try directory.secret(reference) }

    var prices: ClusterPrices? { directory.prices(cluster) }

    /// Runs `body` while no other preview is made in the cluster.
    func inTurn<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await directory.previewTurns.take(cluster, body)
    }

    /// Runs `body`; what the API server says becomes an `ActionError` that begins with `doing`.
    func attempt<Value: Sendable>(
        _ doing: String, changes: Bool = false, _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        let client = try client()
        do {
            return try await body(client)
        } catch let error as KubernetesError {
            throw error.actionError(doing, cluster: cluster, changes: changes)
        }
    }
}
