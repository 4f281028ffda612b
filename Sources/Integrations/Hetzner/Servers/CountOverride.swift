import Domain

/// How many servers of a name people have set a pool to have: kept in the ledger, shown in every plan, and put before what
/// files say.
struct CountOverride: Sendable, Hashable {
    var pool: String
    var name: String

    private var key: String { "\(Override.beginning)hetzner/\(pool)/\(name)" }

    /// Nil when nobody has set any. Throws `ActionError`.
    func count(_ kept: any KeptValues) async throws(ActionError) -> (count: Int, origin: String)? {
        guard let found = try await kept.value(key), let count = found.value?.intValue else { return nil }
        return (min(max(count, ServerGroup.counts.lowerBound), ServerGroup.counts.upperBound), found.origin)
    }

    /// Throws `ActionError`.
    func keep(_ count: Int, _ kept: any KeptValues) async throws(ActionError) {
        try await kept.set(key, .int(Int64(count)))
    }

    /// Throws `ActionError`.
    func forget(_ kept: any KeptValues) async throws(ActionError) { try await kept.remove(key) }
}
