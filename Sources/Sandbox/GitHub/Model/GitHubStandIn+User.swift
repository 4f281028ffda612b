extension GitHubStandIn {
    /// An account.
    package struct User: Sendable, Hashable {
        /// GitHub's `type`.
        package enum Kind: String, Sendable, Hashable {
            case user = "User"
            case bot = "Bot"
            case organization = "Organization"
        }

        /// What GitHub never gives to anybody else, unlike the login.
        package var id: Int
        package var login: String
        package var name: String
        package var kind: Kind
        /// What the page says of this person: `maintainer`.
        package var note: String

        package init(id: Int, login: String, name: String = "", kind: Kind = .user, note: String = "") {
            self.id = id
            self.login = login
            self.name = name.isEmpty ? login : name
            self.kind = kind
            self.note = note
        }
    }
}
