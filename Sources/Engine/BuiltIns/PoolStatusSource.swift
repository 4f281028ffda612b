package import Domain

/// Says how a pool is. Called by `/defimon status`; the composition root implements it with the integrations.
package protocol PoolStatusSource: Sendable {
    /// Blocks about one pool, whose settings are `settings`. Throws `ActionError`.
    func status(of pool: String, settings: JSONValue) async throws -> [Report.Block]
}
