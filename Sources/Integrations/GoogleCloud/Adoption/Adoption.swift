import Domain

/// Marks one thing that is there already as a pool's, and changes nothing else of it.
struct Adoption: Sendable {
    /// What was found.
    struct Finding: Sendable {
        var resource: JSONValue
        /// The pool that it belongs to already.
        var pool: String?
        /// How it differs from what is wanted, one line a field.
        var differences: [String]
    }

    var client: GoogleCloudClient
    var wish: ResourceWish
    var context: ActionContext

    /// Throws `ActionError` when it is not there.
    func plan() async throws -> ActionPlan {
        guard let found = try await look() else { throw missing }
        return plan(found)
    }

    func plan(_ found: Finding) -> ActionPlan {
        let notes = found.differences.map { "\(wish.title) differs: \($0)" }
        guard found.pool == nil else { return ActionPlan(changes: [], notes: notes) }
        return ActionPlan(changes: ["\(wish.title): adopted by the pool \(wish.pool)"], notes: notes)
    }

    /// Gives what was found before. Throws `ActionError` when it is not there.
    func perform() async throws -> Finding {
        guard let found = try await look() else { throw missing }
        if found.pool == nil { try await mark(found) }
        return found
    }

    /// One line for people, after `perform`.
    func words(_ found: Finding) -> String {
        let done = found.pool == nil ? "is the pool \(wish.pool)'s now" : "was the pool \(wish.pool)'s already"
        let count = found.differences.count
        return "\(wish.title) \(done)" + (count == 0 ? "" : ", and differs in \(count) fields")
    }

    /// Nil when it is not there. Throws `ActionError` when it belongs to another pool.
    func look() async throws -> Finding? {
        guard let resource = try await client.find(wish.reading) else { return nil }
        var pool = PoolMark.pool(of: resource, wish.kind)
        if pool == nil {
            pool = try await context.kept.value(PoolMark.adoptionKey(wish.path))?.value?["pool"]?.stringValue
        }
        if let pool, pool != wish.pool {
            throw ActionError("\(wish.title) belongs to the pool \(pool)", hint: "two pools do not share a thing")
        }
        let different = wish.fields.filter { $0.differs(in: resource) }
        return Finding(resource: resource, pool: pool, differences: different.map { $0.line(resource) })
    }

    private var missing: ActionError {
        ActionError("\(wish.title) is not there", hint: "correct its name or place, or let it be made")
    }

    func mark(_ found: Finding) async throws {
        let call: GoogleCall
        switch wish.kind.mark {
        case .label, .lateLabel:
            call = ResourceWish.labelling(
                wish.kind, wish.path, found.resource, adding: [PoolMark.word: .string(wish.pool)])
        case .description:
            let there = found.resource["description"]?.stringValue ?? ""
            let words = PoolMark.description(wish.pool) + (there.isEmpty ? "" : " (before: \(there.prefix(1000)))")
            var body: [String: JSONValue] = ["description": .string(words)]
            body["fingerprint"] = found.resource["fingerprint"]
            call = wish.patch(body)
        case .firstDescription:
            // Google takes no mark on it any more.
            return try await context.kept.set(PoolMark.adoptionKey(wish.path), ["pool": .string(wish.pool)])
        }
        let operation = try await client.startAnew(call, key: context.idempotencyKey, parent: wish.scope)
        _ = try await client.finish(operation, time: context.time)
    }
}
