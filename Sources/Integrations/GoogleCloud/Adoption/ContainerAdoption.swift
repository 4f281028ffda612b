import Domain

/// Takes over a cluster or a node pool that is there already, by its label.
struct ContainerAdoption: Sendable {
    let wish: ContainerWish
    let client: GoogleCloudClient
    let context: ActionContext

    /// Looks. Throws `GoogleFailure` or `CancellationError`.
    func finding() async throws -> AdoptionFinding {
        let resource = try await client.find(wish.reading)
        let lines = resource.map { there in wish.fields.filter { $0.differs(in: there) }.map { $0.line(there) } }
        return AdoptionFinding(
            title: wish.title, wanted: wish.pool, isThere: resource != nil,
            pool: resource.flatMap { wish.markedPool($0) }, lines: lines ?? []
        ) {
            if let resource { try await mark(resource) }
        }
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
