import Domain
import Outbound
import Synchronization

/// Things by their names, each looked up once for a whole run: also by those that refer to it.
final class HetznerNames: Sendable {
    let client: HetznerClient
    private let fetches = SharedFetch<JSONValue?>()
    private let found = Mutex<[String: JSONValue?]>([:])

    init(_ client: HetznerClient) { self.client = client }

    /// The thing as it was when it was looked up first. Throws `HetznerFailure` or `CancellationError`.
    func thing(_ kind: HetznerKind, _ name: String) async throws -> JSONValue? {
        try await value("\(kind.collection)/\(name)") { [client] in
            try await client.named(name, in: kind.collection)
        }
    }

    /// As `thing`, for what is found in another way than by its name in a collection.
    func value(_ key: String, _ fetch: @Sendable () async throws -> JSONValue?) async throws -> JSONValue? {
        try await fetches.value(for: key, kept: { found.withLock { $0[key] } }) {
            let value = try await fetch()
            found.withLock { $0[key] = value }
            return value
        }
    }

    /// Takes what was read anew.
    func learn(_ key: String, _ thing: JSONValue?) { found.withLock { $0[key] = thing } }

    /// Its number, nil when it is not there.
    func known(_ kind: HetznerKind, _ name: String) async throws -> Int? {
        try await thing(kind, name)?["id"]?.intValue
    }

    /// Its number. Throws `ActionError` when it is not there.
    func id(_ kind: HetznerKind, _ name: String) async throws -> Int {
        if let id = try await known(kind, name) { return id }
        // Made meanwhile, by an earlier turn of the same run.
        let key = "\(kind.collection)/\(name)"
        found.withLock { _ = $0.removeValue(forKey: key) }
        guard let id = try await known(kind, name) else {
            throw ActionError("there is no \(kind.title) \(name)", hint: "correct its name, or let it be made first")
        }
        return id
    }
}
