import Domain

/// What there is of one thing that is to be adopted.
struct AdoptionFinding: Sendable {
    let wish: ResourceWish
    /// Nil when it is not there.
    let resource: JSONValue?
    /// The pool that it belongs to; nil: none.
    let pool: String?

    /// Looks. Throws `GoogleFailure`, or `ActionError` when it belongs to another pool.
    init(_ wish: ResourceWish, _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        self.wish = wish
        resource = try await client.find(wish.reading)
        var pool = resource.flatMap { PoolMark.pool(of: $0, wish.kind) }
        if resource != nil, pool == nil {
            pool = try await context.kept.value(PoolMark.adoptionKey(wish.path))?.value?["pool"]?.stringValue
        }
        if let pool, pool != wish.pool {
            throw ActionError("\(wish.title) belongs to the pool \(pool)", hint: "two pools do not share a thing")
        }
        self.pool = pool
    }

    var title: String { wish.title }
    var isToBeMarked: Bool { resource != nil && pool == nil }

    /// How it differs from what is wanted, with its name before each.
    var differences: [String] {
        guard let resource else { return [] }
        return wish.fields.filter { $0.differs(in: resource) }.map { "\(wish.title): \($0.line(resource))" }
    }
}
