import Domain
import Foundation

/// Writes what the stand-in knows as GitHub's JSON: the same members for the API and for webhooks.
struct GitHubShape: Sendable {
    /// Where the API is: `http://127.0.0.1:8080`.
    let api: String
    /// Where people look: the same address here.
    var html: String { api }

    /// A time as the API writes it: whole seconds.
    static func time(_ microseconds: Int64) -> JSONValue {
        .string(Date(microseconds: microseconds).formatted(Date.ISO8601FormatStyle()))
    }

    static func time(_ microseconds: Int64?) -> JSONValue { microseconds.map { time($0) } ?? .null }

    static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    static func number(_ number: Int) -> JSONValue { .int(Int64(number)) }

    /// An opaque name of the older kind: base64 of a type and an id.
    static func node(_ kind: String, _ id: Int) -> JSONValue {
        .string(Data("0\(kind.count):\(kind)\(id)".utf8).base64EncodedString())
    }

    /// An account by its login; a deleted one is `ghost`.
    func user(_ login: String, _ state: GitHubState) -> JSONValue {
        user(state.user(login) ?? GitHubStandIn.User(id: 10137, login: "ghost"))
    }

    func user(_ user: GitHubStandIn.User) -> JSONValue {
        let escaped = user.login.replacing("[", with: "%5B").replacing("]", with: "%5D")
        let url = "\(api)/users/\(escaped)"
        let page = user.kind == .bot ? "\(html)/apps/\(user.login.prefix { $0 != "[" })" : "\(html)/\(escaped)"
        return [
            "login": .string(user.login), "id": GitHubShape.number(user.id),
            "node_id": GitHubShape.node("User", user.id),
            "avatar_url": .string("\(html)/avatars/u/\(user.id)?v=4"), "gravatar_id": "", "url": .string(url),
            "html_url": .string(page), "followers_url": .string("\(url)/followers"),
            "following_url": .string("\(url)/following{/other_user}"), "gists_url": .string("\(url)/gists{/gist_id}"),
            "starred_url": .string("\(url)/starred{/owner}{/repo}"),
            "subscriptions_url": .string("\(url)/subscriptions"), "organizations_url": .string("\(url)/orgs"),
            "repos_url": .string("\(url)/repos"), "events_url": .string("\(url)/events{/privacy}"),
            "received_events_url": .string("\(url)/received_events"), "type": .string(user.kind.rawValue),
            "user_view_type": "public", "site_admin": false,
        ]
    }

    /// The `organization` of a webhook's payload.
    func organization(_ user: GitHubStandIn.User) -> JSONValue {
        let url = "\(api)/orgs/\(user.login)"
        return [
            "login": .string(user.login), "id": GitHubShape.number(user.id),
            "node_id": GitHubShape.node("Organization", user.id), "url": .string(url),
            "repos_url": .string("\(url)/repos"), "events_url": .string("\(url)/events"),
            "hooks_url": .string("\(url)/hooks"), "issues_url": .string("\(url)/issues"),
            "members_url": .string("\(url)/members{/member}"),
            "public_members_url": .string("\(url)/public_members{/member}"),
            "avatar_url": .string("\(html)/avatars/u/\(user.id)?v=4"), "description": "",
        ]
    }

    /// What an account is to a repository.
    func association(_ login: String, _ repository: GitHubRepository) -> JSONValue {
        if repository.owner.login == login { return "OWNER" }
        switch repository.seed.collaborators[login] {
        case "admin", "maintain", "write": return "MEMBER"
        case .some: return "COLLABORATOR"
        case nil: return "NONE"
        }
    }

    static let noReactions: [String: JSONValue] = [
        "total_count": 0, "+1": 0, "-1": 0, "laugh": 0, "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
    ]
}
