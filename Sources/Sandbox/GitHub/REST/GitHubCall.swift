import Domain
import Foundation

/// One request to the API, with who made it.
struct GitHubCall: Sendable {
    let request: SandboxRequest
    /// What stands in the path.
    let parameters: [String: String]
    /// In whose name; nil for nobody and for an App itself.
    let actor: GitHubActor?
    /// How the stand-in writes addresses.
    let shape: GitHubShape

    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// `acme/analytics-api` of the path.
    var repositoryName: String { "\(parameter("owner"))/\(parameter("repo"))" }

    /// A number in the path. Throws 404 for anything else.
    func number(_ name: String) throws -> Int {
        guard let number = Int(parameter(name)) else { throw GitHubError.notFound }
        return number
    }

    /// The account in whose name is written.
    func user() throws -> GitHubStandIn.User {
        guard let actor else { throw GitHubError.requiresAuthentication }
        return actor.user
    }

    /// The body's members. Throws 400 for what is no JSON object.
    func body() throws -> [String: JSONValue] {
        if request.body.isEmpty { return [:] }
        // Any text that is not JSON is the same to GitHub.
        guard let value = try? JSONValue(parsing: request.body), let members = value.objectValue else {
            throw GitHubError.unreadableBody
        }
        return members.filter { $0.value != .null }
    }
}

/// In whose name a request is made.
struct GitHubActor: Sendable {
    var user: GitHubStandIn.User
    /// Set when an installation of an App asks.
    var app: GitHubStandIn.App?
    /// What the rate limit is counted by.
    var bucket: String
}

/// Reads the members of a body, in GitHub's words about what is wrong.
struct GitHubMembers {
    let members: [String: JSONValue]

    init(_ call: GitHubCall) throws { members = try call.body() }
    init(_ members: [String: JSONValue]) { self.members = members }

    func text(_ name: String) throws -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue else {
            throw GitHubError.invalidRequest("For 'properties/\(name)', \(value.canonicalText) is not a string.")
        }
        return text
    }

    func needed(_ name: String) throws -> String {
        guard let text = try text(name) else { throw GitHubError.missing(name) }
        return text
    }

    func flag(_ name: String) throws -> Bool? {
        guard let value = members[name] else { return nil }
        guard let flag = value.boolValue else {
            throw GitHubError.invalidRequest("For 'properties/\(name)', \(value.canonicalText) is not a boolean.")
        }
        return flag
    }

    func list(_ name: String) throws -> [JSONValue]? {
        guard let value = members[name] else { return nil }
        guard let list = value.arrayValue else {
            throw GitHubError.invalidRequest("For 'properties/\(name)', \(value.canonicalText) is not an array.")
        }
        return list
    }

    /// A text that must be one of some.
    func choice(_ name: String, of choices: [String]) throws -> String? {
        guard let text = try text(name) else { return nil }
        guard choices.contains(text) else {
            let list = choices.map { "\"\($0)\"" }.joined(separator: ", ")
            throw GitHubError.invalidRequest("\(text) is not a member of [\(list)].")
        }
        return text
    }

    /// A text of at most so many characters. Throws `Validation Failed` for a longer one.
    func bounded(_ name: String, _ resource: String, _ limit: Int) throws -> String? {
        guard let text = try text(name) else { return nil }
        guard text.unicodeScalars.count <= limit else {
            throw GitHubError.validation(
                resource, field: name, code: "custom", message: "\(name) is too long (maximum is \(limit) characters)")
        }
        return text
    }
}
