import Domain
import Foundation

/// One request to an API, with who made it.
struct GoogleCall: Sendable {
    let request: SandboxRequest
    let method: GoogleMethod
    /// What stands in the path.
    let parameters: [String: String]
    /// Who asks.
    let grant: GoogleTokens.Grant
    /// When it came.
    let now: Date
    /// The body's members; empty when there is none.
    let body: [String: JSONValue]

    init(
        _ request: SandboxRequest, _ method: GoogleMethod, _ parameters: [String: String], _ grant: GoogleTokens.Grant,
        now: Date
    ) throws {
        self.request = request
        self.method = method
        self.parameters = parameters
        self.grant = grant
        self.now = now
        if request.body.isEmpty {
            body = [:]
        } else {
            // Any text that is not a JSON object is the same to Google.
            guard let value = try? JSONValue(parsing: request.body), let members = value.objectValue else {
                throw GoogleError(400, "parseError", "Parse Error")
            }
            body = members.filter { $0.value != .null }
        }
    }

    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    var project: String { parameter("project") }

    func query(_ name: String) -> String? { request.query(name) }

    /// `projects/p/zones/z`, `projects/p/regions/r`, GKE's `projects/p/locations/l`, or `projects/p/global`.
    var scope: String {
        if let location = parameters["location"] { return "projects/\(project)/locations/\(location)" }
        if let zone = parameters["zone"] { return "projects/\(project)/zones/\(zone)" }
        if let region = parameters["region"] { return "projects/\(project)/regions/\(region)" }
        return "projects/\(project)/global"
    }

    /// The text of a member. Throws Google's error for another type.
    func text(_ name: String) throws -> String? {
        guard let value = body[name] else { return nil }
        guard let text = value.stringValue else {
            throw GoogleError.invalid("resource.\(name)", value.canonicalText, "A string is expected.")
        }
        return text
    }

    /// What tells two requests with the same id apart.
    var digest: String {
        let query = request.query.filter { $0.name != "requestId" && $0.name != "alt" && $0.name != "$alt" }
            .map { "\($0.name)=\($0.value)" }.sorted().joined(separator: "&")
        return "\(request.method) \(request.path)?\(query)\n\(JSONValue.object(body).canonicalText)"
    }
}
