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

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("it cannot be adopted") { client in
            if let adoption = try container(client, context) { return try await adoption.plan() }
            return try await thing(client, context).plan()
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("it cannot be adopted", changes: true) { client in
            if let adoption = try container(client, context) { return try await adoption.perform() }
            let adoption = try thing(client, context)
            let found = try await adoption.perform()
            return [
                "changed": .bool(found.pool == nil), "differs": Field.strings(found.differences),
                "summary": .string(adoption.words(found)), "details": .string(found.differences.joined(separator: "\n")),
            ]
        }
    }

    private func thing(_ client: GoogleCloudClient, _ context: ActionContext) throws(ActionError) -> Adoption {
        guard case .thing(let kind)? = kind else { throw ActionError("what is to be adopted is not said") }
        return Adoption(client: client, wish: try reading(kind.read).wish(client.defaults), context: context)
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
}
