package import Domain

/// One request that the stand-in has answered, for tests that check both against the discovery documents.
package struct GoogleExchange: Sendable {
    /// `compute.disks.insert`; empty when no method has that path.
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
