extension GitHubStandIn {
    /// A GitHub App that is installed for every owner.
    package struct App: Sendable {
        package var id: Int
        package var slug: String
        package var clientID: String
        /// With which its JSON Web Tokens are checked (SPKI or PKCS#1, PEM).
        package var publicKeyPEM: String
        /// How long an installation's token lives; GitHub's is one hour.
        package var tokenLife: Duration
        /// What its installations may do: `checks` → `write`.
        package var permissions: [String: String]

        package init(
            id: Int, slug: String = "defimon", clientID: String = "Iv1.8a61f9b3a7aba766", publicKeyPEM: String,
            tokenLife: Duration = .seconds(3600),
            permissions: [String: String] = [
                "actions": "read", "checks": "write", "contents": "read", "deployments": "write", "issues": "write",
                "metadata": "read", "pull_requests": "write", "statuses": "write",
            ]
        ) {
            self.id = id
            self.slug = slug
            self.clientID = clientID
            self.publicKeyPEM = publicKeyPEM
            self.tokenLife = tokenLife
            self.permissions = permissions
        }

        /// The account in whose name it writes.
        var bot: User { User(id: 40_000_000 + id, login: "\(slug)[bot]", kind: .bot) }
    }
}
