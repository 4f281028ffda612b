/// One human of the settings, with roles and at most one identity per channel.
package struct Person: Sendable, Hashable {
    package var id: String
    package var name: String
    package var roles: Set<String>
    /// Channel → that channel's own user id.
    package var identities: [String: String]

    package init(id: String, name: String, roles: Set<String>, identities: [String: String]) {
        self.id = id
        self.name = name
        self.roles = roles
        self.identities = identities
    }
}
