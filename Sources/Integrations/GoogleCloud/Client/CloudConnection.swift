package import Domain

/// What actions have of Google Cloud: a client, unless the settings have no section for it.
package struct CloudConnection: Sendable {
    private let connected: GoogleCloudClient?

    package init(_ client: GoogleCloudClient? = nil) { connected = client }

    /// Whether the settings have a section for it.
    package var isThere: Bool { connected != nil }

    /// Throws `ActionError` when there is none.
    package func client() throws(ActionError) -> GoogleCloudClient {
        guard let connected else {
            throw ActionError(
                "Google Cloud is not set up",
                hint: "give the settings a section google_cloud with project and credentials")
        }
        return connected
    }

    /// Runs `body`, and tells a failure as `doing` that cannot be done. Throws `ActionError` or `CancellationError`.
    package func attempt<Value: Sendable>(
        _ doing: String, changes: Bool = false, _ body: (GoogleCloudClient) async throws -> Value
    ) async throws -> Value {
        let client = try client()
        do { return try await body(client) } catch let failure as GoogleFailure {
            throw failure.actionError(doing, changes: changes)
        }
    }
}
