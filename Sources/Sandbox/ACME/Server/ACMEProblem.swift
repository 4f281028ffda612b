import Domain

/// A refusal as ACME says it: a problem document (RFC 7807) with a type of RFC 8555 §6.7.
struct ACMEProblem: Error, Sendable {
    let status: Int
    /// Without `urn:ietf:params:acme:error:` before it.
    let type: String
    let detail: String
    var headers: [(String, String)] = []
    var more: [String: JSONValue] = [:]

    init(_ status: Int, _ type: String, _ detail: String) {
        self.status = status
        self.type = type
        self.detail = detail
    }

    /// The document, as it also stands in a challenge or an order that failed.
    var json: JSONValue {
        .object(
            more.merging([
                "type": .string("urn:ietf:params:acme:error:\(type)"), "detail": .string(detail),
                "status": .int(Int64(status)),
            ]) { $1 })
    }

    var answer: SandboxAnswer {
        SandboxAnswer(
            status, headers: [("Content-Type", "application/problem+json")] + headers, body: json.canonicalBytes)
    }

    static func malformed(_ detail: String) -> ACMEProblem { ACMEProblem(400, "malformed", detail) }

    static func missing(_ what: String) -> ACMEProblem { ACMEProblem(404, "malformed", "there is no such \(what)") }

    static func unauthorized(_ detail: String) -> ACMEProblem { ACMEProblem(403, "unauthorized", detail) }

    static func rateLimited(_ seconds: Int) -> ACMEProblem {
        var problem = ACMEProblem(429, "rateLimited", "too many new orders recently")
        problem.headers = [("Retry-After", String(seconds))]
        return problem
    }
}
