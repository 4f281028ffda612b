package import Domain
package import Outbound

/// The registries of the settings. Others are never asked, whatever an image says.
package struct RegistryDirectory: Sendable {
    private let clients: [String: RegistryClient]

    /// No registries: for a check of definitions, which reaches none.
    package init() { clients = [:] }

    /// Reads the passwords. `session` gives the session for a file of certificates (nil: the machine's); `onSecret` is
    /// told every token that registries give. Throws `MissingSecret`, and what `session` throws.
    package init(
        _ settings: RegistrySettings, secrets: any SecretSource, onSecret: @escaping @Sendable (Secret) -> Void,
        session: (_ ca: String?) throws -> HTTPSession
    ) throws {
        var clients: [String: RegistryClient] = [:]
        for (name, registry) in settings.registries {
            var credentials: RegistryCredentials?
            if let username = registry.username, let password = registry.password {
                credentials = RegistryCredentials(username: username, password: try secrets.secret(password))
            }
            clients[name.lowercased()] = RegistryClient(
                name: name, url: registry.url, credentials: credentials, session: try session(registry.ca),
                onSecret: onSecret)
        }
        self.clients = clients
    }

    /// Their names, sorted.
    package var names: [String] { clients.keys.sorted() }

    /// Throws `ActionError` when the settings do not name it.
    func client(_ name: String) throws(ActionError) -> RegistryClient {
        if let client = clients[name] { return client }
        let known = names.isEmpty ? "none is set" : "set are: " + names.joined(separator: ", ")
        let nearest = NearestName.of(name, in: names).map { "did you mean '\($0)'? " } ?? ""
        throw ActionError(
            "there is no registry '\(name)'; \(known)",
            hint: nearest
                + "add 'registries: {\"\(name)\": {}}' to defimon.yaml, with username and password if it is private")
    }
}
