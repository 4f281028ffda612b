package import Domain

/// What actions have of Hetzner Cloud: a client, unless the settings have no section for it.
package struct HetznerConnection: Sendable {
    private let connected: HetznerClient?

    package init(_ client: HetznerClient? = nil) { connected = client }

    /// Whether the settings have a section for it.
    package var isThere: Bool { connected != nil }

    /// Throws `ActionError` when there is none.
    package func client() throws(ActionError) -> HetznerClient {
        guard let connected else {
            throw ActionError(
                "Hetzner Cloud is not set up", hint: "give the settings a section hetzner with a token")
        }
        return connected
    }

    /// Runs `body`, and tells a failure as `doing` that cannot be done. Throws `ActionError` or `CancellationError`.
    package func attempt<Value: Sendable>(
        _ doing: String, changes: Bool = false, _ body: (HetznerClient) async throws -> Value
    ) async throws -> Value {
        let client = try client()
        do { return try await body(client) } catch let failure as HetznerFailure {
            throw failure.actionError(doing, changes: changes)
        }
    }
}
