import Domain

/// Whose deliveries are looked at: a repository's webhook, an organisation's, or the app's own.
package enum DeliveryHook: Sendable, Hashable, CustomStringConvertible {
    case repository(owner: String, name: String, id: String)
    case organization(String, id: String)
    case app

    /// `acme/api/292430182`, `acme/17` or `app`; nil for anything else.
    package init?(_ text: String) {
        if text == "app" {
            self = .app
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let id = parts.last, (1...20).contains(id.utf8.count), id.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        if parts.count == 3, let repository = RepositoryName("\(parts[0])/\(parts[1])") {
            self = .repository(owner: repository.owner, name: repository.name, id: id)
        } else if parts.count == 2, RepositoryName.isOwner(parts[0]) {
            self = .organization(parts[0], id: id)
        } else {
            return nil
        }
    }

    /// As the settings name it.
    package var description: String {
        switch self {
        case .repository(let owner, let name, let id): "\(owner)/\(name)/\(id)"
        case .organization(let owner, let id): "\(owner)/\(id)"
        case .app: "app"
        }
    }

    /// Its deliveries' address in the REST API.
    var path: String {
        switch self {
        case .repository(let owner, let name, let id): "/repos/\(owner)/\(name)/hooks/\(id)/deliveries"
        case .organization(let owner, let id): "/orgs/\(owner)/hooks/\(id)/deliveries"
        case .app: "/app/hook/deliveries"
        }
    }

    /// As whom the bot asks.
    var speaker: GitHubCall.Speaker {
        switch self {
        case .repository(let owner, _, _), .organization(let owner, _): .owner(owner)
        case .app: .bot
        }
    }
}
