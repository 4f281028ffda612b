import Domain

/// The certificates that there are at one place of Google Cloud: globally, or in a region.
struct ProxyCertificates: Sendable {
    let client: GoogleCloudClient
    /// `projects/acme/global`
    let place: String

    func path(_ name: String) -> String { "\(place)/sslCertificates/\(name)" }

    /// All of them, by path.
    func all() async throws -> [String: JSONValue] {
        let fields = "nextPageToken,items(name,description,certificate)"
        let found = try await client.list(
            GoogleCall(.compute, "GET", "\(place)/sslCertificates", query: [.init("fields", fields)]))
        let named = found.compactMap { item in item["name"]?.stringValue.map { (path($0), item) } }
        return Dictionary(named) { $1 }
    }

    /// Those that the bot has made for a certificate of the settings, by path.
    func ours(_ name: String) async throws -> [String: JSONValue] {
        let description = GoogleCertificates.description(name)
        return try await all().filter { $0.value["description"]?.stringValue == description }
    }

    /// Makes one where it is missing. Throws `ActionError` when there is another one of that name.
    func make(_ bundle: CertificateBundle, _ context: ActionContext) async throws {
        let name = GoogleCertificates.name(bundle)
        let looking = GoogleCall(.compute, "GET", path(name))
        if let found = try await client.find(looking) { return try check(found, bundle) }
        let body: JSONValue = [
            "name": .string(name), "description": .string(GoogleCertificates.description(bundle.name)),
            "type": "SELF_MANAGED",
            "selfManaged": ["certificate": .string(bundle.chain), "privateKey": .string(bundle.key.reveal())],
        ]
        do {
            try await carryOut(GoogleCall(.compute, "POST", "\(place)/sslCertificates", body: body), context)
        } catch let failure as GoogleFailure where failure.isAlreadyThere {
            // It was made since the look.
            guard let found = try await client.find(looking) else { throw failure }
            try check(found, bundle)
        }
    }

    private func check(_ found: JSONValue, _ bundle: CertificateBundle) throws(ActionError) {
        let chain = found["certificate"]?.stringValue ?? found.at(path: "selfManaged.certificate")?.stringValue
        guard found["description"]?.stringValue == GoogleCertificates.description(bundle.name),
            ProxyCertificates.plain(chain) == ProxyCertificates.plain(bundle.chain)
        else {
            throw ActionError(
                "there is another certificate \(GoogleCertificates.name(bundle)) at Google Cloud, which is not the bot's",
                hint: "delete it when nothing uses it")
        }
    }

    private static func plain(_ pem: String?) -> String? { pem?.filter { !$0.isWhitespace } }

    /// One that is gone already, or that a proxy uses, is no error.
    func delete(_ path: String, _ context: ActionContext) async throws {
        do {
            try await carryOut(GoogleCall(.compute, "DELETE", path), context)
        } catch let failure as GoogleFailure
            where failure.isNotFound || !failure.reasons.isDisjoint(with: ProxyCertificates.inUse)
        {
            // As it should be, or it goes when it is used no more.
        }
    }

    private static let inUse: Set<String> = [
        "resourceInUseByAnotherResource", "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE",
    ]

    /// Asks for a change and waits until it is made.
    func carryOut(_ call: GoogleCall, _ context: ActionContext) async throws {
        let operation = try await client.startAnew(call, key: context.idempotencyKey, parent: place)
        _ = try await client.finish(operation, time: context.time)
    }
}
