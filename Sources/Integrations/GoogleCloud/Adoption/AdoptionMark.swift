import Domain

/// Sets the mark of a pool on a thing that is there, and changes nothing else of it.
struct AdoptionMark: Sendable {
    var client: GoogleCloudClient
    var context: ActionContext

    /// Throws `GoogleFailure`, `ActionError` or `CancellationError`.
    func set(_ found: AdoptionFinding) async throws {
        guard let resource = found.resource else { return }
        let wish = found.wish
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
