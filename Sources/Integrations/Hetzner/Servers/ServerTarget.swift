import Domain

/// The server that an action is about.
struct ServerTarget: Sendable {
    let name: String
    let pool: String

    init(_ input: inout InputReader) {
        name = input.text("server", "Name of the server", pattern: HetznerName.thing)
        pool = input.pool()
    }

    var title: String { "server \(name)" }
    var key: String { "servers/\(name)" }

    /// The server as it is, nil when it is not there. Throws `HetznerFailure`.
    func find(_ client: HetznerClient) async throws -> JSONValue? {
        try await client.named(name, in: HetznerKind.server.collection)
    }

    /// As `find`; throws `ActionError` when it is not there.
    func read(_ client: HetznerClient) async throws -> JSONValue {
        guard let found = try await find(client) else {
            throw ActionError("there is no server \(name)", hint: "correct its name")
        }
        return found
    }

    /// As `read`; throws `ActionError` also when it is not the pool's, for then it is only read.
    func owned(_ client: HetznerClient) async throws -> JSONValue {
        let found = try await read(client)
        try HetznerMark.check(found, pool, title)
        return found
    }

    static func path(of thing: JSONValue) -> String { "servers/\(thing["id"]?.intValue ?? 0)" }
    static func status(_ thing: JSONValue) -> String { thing["status"]?.stringValue ?? "unknown" }
}
