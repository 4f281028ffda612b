package import Domain

/// The section `prometheus` of the settings: Prometheus servers by names of your own.
package struct PrometheusSettings: Sendable {
    /// One server.
    package struct Server: Sendable, Hashable {
        /// Its address without `/api/v1`; a path prefix belongs to it.
        package var url: String
        /// Sent as `Authorization: Bearer`; nil: not.
        package var bearerToken: SecretReference?
        /// Sent as `Authorization: Basic` (RFC 7617); nil: not.
        package var username: String?
        package var password: SecretReference?
        /// A file of certificates to trust for it, PEM; nil: the machine's.
        package var ca: String?
        /// How long one query may take.
        package var timeout: Duration
    }

    /// How long a query may take at the least and at the most.
    static let timeouts = Duration.seconds(1)...Duration.seconds(50)

    package var servers: [String: Server]

    package init(_ input: inout InputReader) {
        servers = input.everyNamed("Each server by a name of yours, such as infrastructure") { name, server in
            Server(name, &server)
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "prometheus", summary: "Prometheus servers that the action prometheus.query asks"
    ) { input in
        _ = PrometheusSettings(&input)
    }

    // Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let address = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
}

extension PrometheusSettings.Server {
    fileprivate init(_ name: String, _ input: inout InputReader) {
        let address = input.text(
            "url", "The server's address: http://prometheus:9090", pattern: PrometheusSettings.address)
        url = address.hasSuffix("/") ? String(address.dropLast()) : address
        bearerToken = input.secret("bearer_token", "The token to show", isRequired: false)
        username = input.optionalText("username", "Who asks, with Basic authentication")
        password = input.secret("password", "Their password", isRequired: false)
        ca = input.optionalText("ca", "A file of certificates to trust for the server, PEM")
        timeout = input.duration("timeout", "How long one query may take, 1s to 50s", default: .seconds(10))
        if !PrometheusSettings.timeouts.contains(timeout) {
            input.report("'timeout' must be from 1s to 50s", field: "timeout")
        }
        if (username == nil) != (password == nil) {
            let missing = username == nil ? "username" : "password"
            input.report(
                "'\(missing)' is missing", field: missing, fix: "give both username and password, or none of them")
        }
        if bearerToken != nil, username != nil {
            input.report(
                "a server takes a token or a password, not both", field: "bearer_token", fix: "remove one of them")
        }
        if username?.contains(where: { $0 == ":" || $0.isNewline }) == true {
            input.report(
                "a username may not hold ':' or a line break", field: "username",
                fix: "Basic authentication separates the password by ':'")
        }
    }
}
