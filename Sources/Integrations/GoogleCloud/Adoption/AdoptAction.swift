import Domain

/// Takes over one thing that is there already: marks it as the pool's, and changes nothing else of it. From then on its
/// ensure action may change it.
struct AdoptAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let kind: AdoptionKind?
    private let inputs: JSONValue

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.adopt", "Takes over one thing that is there already, by marking it; shows how it differs",
            effect: .changes,
            outputs: [
                .init("changed", .flag, "False when it was the pool's already"),
                .init("differs", .list(.text(nil)), "How it differs from what is wanted"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { AdoptAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        kind = input.choice("kind", "What it is, as in gcp.<kind>-ensure", of: AdoptionKind.self)
        inputs = input.any("with", "How it is wanted: the inputs of its ensure action", isRequired: true)
        if inputs.objectValue == nil, input.isGiven("with"), inputs != .null {
            input.report("'with' is no map of inputs", field: "with")
        }
    }

    /// What was found.
    private struct Finding {
        var wish: ResourceWish
        var resource: JSONValue
        var pool: String?
        var differences: [String]
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("it cannot be adopted") { client in
            if let adoption = try container(client, context) { return try await adoption.plan() }
            let found = try await look(client, context)
            let notes = found.differences.map { "\(found.wish.title) differs: \($0)" }
            guard found.pool == nil else { return ActionPlan(changes: [], notes: notes) }
            return ActionPlan(changes: ["\(found.wish.title): adopted by the pool \(found.wish.pool)"], notes: notes)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("it cannot be adopted", changes: true) { client in
            if let adoption = try container(client, context) { return try await adoption.perform() }
            let found = try await look(client, context)
            if found.pool == nil { try await mark(found, client, context) }
            let done =
                found.pool == nil ? "is the pool \(found.wish.pool)'s now" : "was the pool \(found.wish.pool)'s already"
            let count = found.differences.count
            return [
                "changed": .bool(found.pool == nil), "differs": Field.strings(found.differences),
                "summary": .string(
                    "\(found.wish.title) \(done)" + (count == 0 ? "" : ", and differs in \(count) fields")),
                "details": .string(found.differences.joined(separator: "\n")),
            ]
        }
    }

    private func look(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Finding {
        let wish = try wish(client)
        guard let resource = try await client.find(wish.reading) else {
            throw ActionError("\(wish.title) is not there", hint: "correct its name or place, or let it be made")
        }
        var pool = PoolMark.pool(of: resource, wish.kind)
        if pool == nil {
            pool = try await context.kept.value(PoolMark.adoptionKey(wish.path))?.value?["pool"]?.stringValue
        }
        if let pool, pool != wish.pool {
            throw ActionError("\(wish.title) belongs to the pool \(pool)", hint: "two pools do not share a thing")
        }
        let different = wish.fields.filter { $0.differs(in: resource) }
        return Finding(wish: wish, resource: resource, pool: pool, differences: different.map { $0.line(resource) })
    }

    private func wish(_ client: GoogleCloudClient) throws(ActionError) -> ResourceWish {
        guard case .thing(let kind)? = kind else { throw ActionError("what is to be adopted is not said") }
        return try reading(kind.read).wish(client.defaults)
    }

    /// Nil for things of Compute Engine.
    private func container(
        _ client: GoogleCloudClient, _ context: ActionContext
    ) throws(ActionError) -> ContainerAdoption? {
        let resource: any ContainerResource
        switch kind {
        case .cluster?: resource = try reading { Cluster(&$0) }
        case .nodePool?: resource = try reading { NodePool(&$0) }
        case .thing?, nil: return nil
        }
        return ContainerAdoption(wish: try resource.wish(client.defaults), client: client, context: context)
    }

    /// What the inputs say, as the ensure action reads them.
    private func reading<Resource>(_ read: (inout InputReader) -> Resource) throws(ActionError) -> Resource {
        var reader = InputReader.reading(LocatedValue(inputs))
        let resource = read(&reader)
        reader.finish()
        guard reader.problems.isEmpty else {
            throw ActionError(
                "the inputs of the \(kind?.rawValue ?? "thing") do not fit: "
                    + reader.problems.prefix(5).map(\.message).joined(separator: "; "))
        }
        return resource
    }

    private func mark(_ found: Finding, _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        let wish = found.wish
        let call: GoogleCall
        switch wish.kind.mark {
        case .label:
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
