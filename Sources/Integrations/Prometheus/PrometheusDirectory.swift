package import Domain
package import Outbound

/// The Prometheus servers of the settings. Others are never asked.
package struct PrometheusDirectory: Sendable {
    private let clients: [String: PrometheusClient]

    /// No servers: for a check of definitions, which reaches none.
    package init() { clients = [:] }

    /// Reads the secrets. `session` gives the session for a file of certificates (nil: the machine's). Throws
    /// `MissingSecret`, and what `session` throws.
    package init(
        _ settings: PrometheusSettings, secrets: any SecretSource, session: (_ ca: String?) throws -> HTTPSession
    ) throws {
        clients = try settings.servers.mapValues { server in
            var credentials = PrometheusClient.Credentials.none
            if let token = server.bearerToken { credentials = .bearer(try secrets.secret(token)) }
            if let username = server.username, let password = server.password {
                credentials = .basic(username, try secrets.secret(password))
            }
            return PrometheusClient(
                url: server.url, credentials: credentials, timeout: server.timeout, session: try session(server.ca))
        }
    }

    /// Their names, sorted.
    package var names: [String] { clients.keys.sorted() }

    /// Throws `ActionError` when the settings do not name it.
    func client(_ name: String) throws(ActionError) -> PrometheusClient {
        if let client = clients[name] { return client }
        let known = names.isEmpty ? "none is set" : "set are: " + names.joined(separator: ", ")
        throw ActionError(
            "there is no Prometheus server '\(name)'; \(known)",
            hint: NearestName.of(name, in: names).map { "did you mean '\($0)'?" }
                ?? "add 'prometheus: {\(name): {url: …}}' to defimon.yaml")
    }
}
