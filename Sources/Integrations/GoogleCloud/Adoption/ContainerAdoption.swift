import Domain

/// Takes over a cluster or a node pool that is there already, by its label.
struct ContainerAdoption: Sendable {
    let wish: ContainerWish
    let client: GoogleCloudClient
    let context: ActionContext

    func plan() async throws -> ActionPlan {
        let (resource, pool) = try await look()
        let notes = differences(resource).map { "\(wish.title) differs: \($0)" }
        guard pool == nil else { return ActionPlan(changes: [], notes: notes) }
        return ActionPlan(changes: ["\(wish.title): adopted by the pool \(wish.pool)"], notes: notes)
    }

    func perform() async throws -> JSONValue {
        let (resource, pool) = try await look()
        if pool == nil { try await mark(resource) }
        let done = pool == nil ? "is the pool \(wish.pool)'s now" : "was the pool \(wish.pool)'s already"
        let lines = differences(resource)
        return [
            "changed": .bool(pool == nil), "differs": Field.strings(lines),
            "summary": .string(
                "\(wish.title) \(done)" + (lines.isEmpty ? "" : ", and differs in \(lines.count) fields")),
            "details": .string(lines.joined(separator: "\n")),
        ]
    }

    private func differences(_ resource: JSONValue) -> [String] {
        wish.fields.filter { $0.differs(in: resource) }.map { $0.line(resource) }
    }

    /// The thing, and whose it is. Throws when it is not there, or another pool's.
    private func look() async throws -> (resource: JSONValue, pool: String?) {
        guard let resource = try await client.find(wish.reading) else {
            throw ActionError("\(wish.title) is not there", hint: "correct its name or location, or let it be made")
        }
        let pool = wish.markedPool(resource)
        if let pool, pool != wish.pool {
            throw ActionError("\(wish.title) belongs to the pool \(pool)", hint: "two pools do not share a thing")
        }
        return (resource, pool)
    }

    /// Others' labels stay.
    private func mark(_ resource: JSONValue) async throws {
        let old = resource.at(path: wish.labelPath)?.objectValue ?? [:]
        let labels = JSONValue.object(old.merging([PoolMark.word: .string(wish.pool)]) { $1 })
        let call: GoogleCall
        if wish.nodePool == nil {
            var body: [String: JSONValue] = ["resourceLabels": labels]
            body["labelFingerprint"] = resource["labelFingerprint"]
            call = GoogleCall(.container, "POST", "\(wish.path):setResourceLabels", body: .object(body))
        } else {
            call = GoogleCall(.container, "PUT", wish.path, body: ["resourceLabels": ["labels": labels]])
        }
        let operation = try CloudOperation(try await client.send(call), .container, parent: wish.parent)
        _ = try await client.finish(operation, time: context.time)
    }
}
