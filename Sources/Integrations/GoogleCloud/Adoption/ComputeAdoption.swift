import Domain

/// Takes over a thing of Compute Engine that is there: sets its pool's mark, and changes nothing else of it.
struct ComputeAdoption: Sendable {
    let wish: ResourceWish
    let client: GoogleCloudClient
    let context: ActionContext

    /// Looks. Throws `GoogleFailure`, `ActionError` or `CancellationError`.
    func finding() async throws -> AdoptionFinding {
        let resource = try await wish.read(client, context)
        var pool = resource.flatMap { PoolMark.pool(of: $0, wish.kind) }
        if resource != nil, pool == nil {
            pool = try await context.kept.value(PoolMark.adoptionKey(wish.path))?.value?["pool"]?.stringValue
        }
        let lines = resource.map { there in wish.fields.filter { $0.differs(in: there) }.map { $0.line(there) } }
        return AdoptionFinding(
            title: wish.title, wanted: wish.pool, isThere: resource != nil, pool: pool, lines: lines ?? []
        ) {
            if let resource { try await mark(resource) }
        }
    }

    private func mark(_ resource: JSONValue) async throws {
        let call: GoogleCall
        switch wish.kind.mark {
        case .label, .lateLabel:
            call = ResourceWish.labelling(
                wish.kind, wish.path, resource, adding: [PoolMark.word: .string(wish.pool)])
        case .description:
            let there = resource["description"]?.stringValue ?? ""
            let words = PoolMark.description(wish.pool) + (there.isEmpty ? "" : " (before: \(there.prefix(1000)))")
            var body: [String: JSONValue] = ["description": .string(words)]
            body["fingerprint"] = resource["fingerprint"]
            call = wish.patch(body)
        case .firstDescription:
            // Google takes no mark on it any more.
            return try await context.kept.set(PoolMark.adoptionKey(wish.path), ["pool": .string(wish.pool)])
        }
        let operation = try await client.startAnew(call, key: context.idempotencyKey, parent: wish.scope)
        _ = try await client.finish(operation, time: context.time)
    }
}
