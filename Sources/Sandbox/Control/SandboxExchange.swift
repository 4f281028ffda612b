package import Domain

/// One request that the stand-in has answered, for tests that check both against the vendor's description.
package struct SandboxExchange: Sendable {
    /// Its name in that description (`compute.disks.insert`, `create_server`); empty when no method has that path.
    package var methodID: String
    package var verb: String
    /// As it came, without the query: `/compute/v1/projects/p/zones/z/disks`.
    package var path: String
    package var query: [(name: String, value: String)]
    /// Null when the request has no body.
    package var request: JSONValue
    package var status: Int
    /// Null when the answer is no JSON.
    package var answer: JSONValue
}

extension SandboxExchange {
    init(_ id: String, _ request: SandboxRequest, _ answer: SandboxAnswer) {
        self.init(
            methodID: id, verb: request.method, path: request.path, query: request.query,
            // What is no JSON is told as nothing.
            request: (try? JSONValue(parsing: request.body)) ?? .null, status: answer.status,
            answer: (try? JSONValue(parsing: answer.body)) ?? .null)
    }
}
