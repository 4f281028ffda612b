import Domain

/// What there is of one thing that is to be adopted.
struct AdoptionFinding: Sendable {
    /// For people: `disk chain-0`.
    var title: String
    /// The pool that it is to belong to.
    var wanted: String
    var isThere: Bool
    /// The pool that it belongs to; nil: none.
    var pool: String?
    /// How it differs from what is wanted, one line a field.
    var lines: [String]
    /// Marks it as the wanted pool's. Throws `GoogleFailure`, `ActionError` or `CancellationError`.
    var mark: @Sendable () async throws -> Void

    var isToBeMarked: Bool { isThere && pool == nil }
    var differences: [String] { lines.map { "\(title): \($0)" } }

    /// Throws `ActionError` when it belongs to another pool.
    func checked() throws(ActionError) -> AdoptionFinding {
        guard let pool, pool != wanted else { return self }
        throw ActionError("\(title) belongs to the pool \(pool)", hint: "two pools do not share a thing")
    }
}
