/// What there is of one thing that is to be adopted.
package struct AdoptionFinding: Sendable {
    /// For people: `disk chain-0`.
    package var title: String
    /// The pool that it is to belong to.
    package var wanted: String
    package var isThere: Bool
    /// The pool that it belongs to; nil: none.
    package var pool: String?
    /// How it differs from what is wanted, one line a field.
    package var lines: [String]
    /// Marks it as the wanted pool's. Throws the provider's failure, `ActionError` or `CancellationError`.
    package var mark: @Sendable () async throws -> Void

    package init(
        title: String, wanted: String, isThere: Bool, pool: String?, lines: [String],
        mark: @escaping @Sendable () async throws -> Void
    ) {
        self.title = title
        self.wanted = wanted
        self.isThere = isThere
        self.pool = pool
        self.lines = lines
        self.mark = mark
    }

    var isToBeMarked: Bool { isThere && pool == nil }
    var differences: [String] { lines.map { "\(title): \($0)" } }

    /// Throws `ActionError` when it belongs to another pool.
    package func checked() throws(ActionError) -> AdoptionFinding {
        guard let pool, pool != wanted else { return self }
        throw ActionError("\(title) belongs to the pool \(pool)", hint: "two pools do not share a thing")
    }
}
