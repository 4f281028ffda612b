import Domain

/// A thing as it is wanted.
struct ResourceWish: Sendable {
    var kind: ResourceKind
    var project: String
    var place: CloudPlace
    var name: String
    /// The pool that it is to belong to.
    var pool: String
    /// What it is made of, without its mark.
    var body: [String: JSONValue]
    var fields: [WantedField]
    /// Labels beside the mark.
    var labels: [String: String] = [:]
    /// Looks up what the thing itself does not tell, and adds it to what was read.
    var enriched: @Sendable (GoogleCloudClient, ActionContext, JSONValue) async throws -> JSONValue = { $2 }
    /// What people should know of a thing that is as wanted.
    var notes: @Sendable (JSONValue) -> [String] = { _ in [] }

    /// Where its operations and its neighbours are.
    var scope: String { "projects/\(project)/\(place.path)" }
    var collection: String { "\(scope)/\(kind.collection)" }
    var path: String { "\(collection)/\(name)" }
    var title: String { "\(kind.title) \(name)" }

    /// The thing as it is; nil when it is not there. Throws `GoogleFailure`, `ActionError` or `CancellationError`.
    func read(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> JSONValue? {
        guard let found = try await client.find(GoogleCall(.compute, "GET", path)) else { return nil }
        return try await enriched(client, context, found)
    }

    /// What is sent to make it.
    var insertion: GoogleCall {
        var body = body
        body["name"] = .string(name)
        switch kind.mark {
        case .label: body["labels"] = .object(markedLabels)
        case .lateLabel, .description, .firstDescription: body["description"] = .string(PoolMark.description(pool))
        }
        return GoogleCall(.compute, "POST", collection, body: .object(body))
    }

    private var markedLabels: [String: JSONValue] {
        labels.mapValues(JSONValue.string).merging([PoolMark.word: .string(pool)]) { $1 }
    }

    /// Labels that others have set stay.
    private var labelField: WantedField? {
        guard kind.mark == .label || kind.mark == .lateLabel else { return nil }
        let wanted = markedLabels
        return WantedField(
            name: "labels", wanted: .object(wanted),
            present: { resource in .object((resource["labels"]?.objectValue ?? [:]).filter { wanted[$0.key] != nil }) },
            change: .call { [kind] resource, path in
                ResourceWish.labelling(kind, path, resource, adding: wanted)
            })
    }

    var allFields: [WantedField] { fields + [labelField].compactMap { $0 } }

    /// Sets labels, and keeps those that are there.
    static func labelling(_ kind: ResourceKind, _ path: String, _ resource: JSONValue, adding: [String: JSONValue])
        -> GoogleCall
    {
        let labels = (resource["labels"]?.objectValue ?? [:]).merging(adding) { $1 }
        var body: [String: JSONValue] = ["labels": .object(labels)]
        body["labelFingerprint"] = resource["labelFingerprint"]
        return GoogleCall(.compute, "POST", "\(path)/setLabels", body: .object(body))
    }
}
