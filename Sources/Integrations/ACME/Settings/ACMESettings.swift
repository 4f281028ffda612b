package import Domain

/// The section `acme` of the settings: the CA that issues certificates (RFC 8555), and how the bot proves control over names.
package struct ACMESettings: Sendable {
    /// Let's Encrypt's own, for real certificates (letsencrypt.org/docs/acme-protocol-updates).
    package static let letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"
    /// How long it may take until all name servers of a zone have a record.
    package static let propagations = Duration.seconds(10)...Duration.seconds(3600)
    /// Certificates for the same names within a week.
    package static let weekly = 1...50

    /// Binds the account to one that the CA knows already (RFC 8555 §7.3.4).
    package struct External: Sendable, Hashable {
        package var keyID: String
        /// The MAC key as the CA gives it, base64url.
        package var key: SecretReference?
    }

    /// The URL of the CA's directory.
    package var directory: String
    /// A file of certificates to trust for the CA's own server, PEM; nil: the machine's.
    package var ca: String?
    /// Addresses that the CA writes to.
    package var contact: [String]
    package var agreesToTerms: Bool
    package var external: External?
    /// The profile of certificates that name none; nil: the CA's own choice.
    package var profile: String?
    /// Where proofs by HTTP are answered beside `listen`; nil: only there.
    package var httpListen: ListenAddress?
    /// The DNS server that is asked; nil: the machine's.
    package var resolver: ListenAddress?
    /// Asked for records in the place of the zones' own servers; empty: those.
    package var nameServers: [ListenAddress]
    /// How long records may take until all name servers have them.
    package var propagation: Duration
    /// Certificates for the same names within seven days at most.
    package var weeklyLimit: Int

    package init(_ input: inout InputReader) {
        directory = input.text(
            "directory", "URL of the CA's directory", pattern: ACMESettings.address, default: ACMESettings.letsEncrypt)
        ca = input.optionalText("ca", "A file of certificates to trust for the CA's server, PEM")
        contact = input.texts("contact", "Mail addresses that the CA may write to").map { address in
            address.hasPrefix("mailto:") ? address : "mailto:\(address)"
        }
        agreesToTerms = input.flag("agree_to_terms", "True: you agree to the CA's terms of service")
        external = input.section(
            "external_account", "The account at the CA that this one belongs to, where the CA asks for one"
        ) { section in
            External(
                keyID: section.text("key_id", "The key's id as the CA says it"),
                key: section.secret("key", "The MAC key as the CA says it, base64url"))
        }
        profile = input.optionalText("profile", "Which of the CA's profiles certificates have that name none")
        httpListen = Self.address(
            "http_listen", "Where proofs by HTTP are answered beside 'listen', such as 0.0.0.0:80", &input)
        resolver = Self.address(
            "resolver", "The DNS server to ask, such as 127.0.0.1:53; the machine's unless said", &input)
        nameServers = input.texts(
            "name_servers", "Servers to ask whether a record is there, such as 10.0.0.2:53; the zone's own unless said"
        ).compactMap { text in
            let address = ListenAddress(text)
            if address == nil { input.report("'\(text.prefix(80))' is no address and port", field: "name_servers") }
            return address
        }
        propagation = input.duration(
            "propagation", "How long records may take until all name servers have them, 10s to 1h",
            default: .seconds(600))
        weeklyLimit = input.integer(
            "weekly_limit", "Certificates for the same names within seven days at most", in: ACMESettings.weekly,
            default: 5)
        if contact.count > 10 { input.report("'contact' are at most 10 addresses", field: "contact") }
        if nameServers.count > 16 { input.report("'name_servers' are at most 16", field: "name_servers") }
        if !ACMESettings.propagations.contains(propagation) {
            input.report("'propagation' must be from 10s to 1h", field: "propagation")
        }
        if !agreesToTerms {
            input.report(
                "'agree_to_terms' is not true", field: "agree_to_terms",
                fix: "read the CA's terms of service, and write agree_to_terms: true")
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "acme", summary: "The CA that issues certificates, such as Let's Encrypt"
    ) { _ = ACMESettings(&$0) }

    // Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let address = try? Pattern(
        "https://[^\\s/?#@]+(/[^\\s?#]*)?|http://(127\\.[0-9.]+|localhost|\\[::1\\])(:[0-9]+)?(/[^\\s?#]*)?")

    private static func address(_ name: String, _ help: String, _ input: inout InputReader) -> ListenAddress? {
        guard let text = input.optionalText(name, help) else { return nil }
        guard let address = ListenAddress(text) else {
            input.report(
                "'\(text.prefix(80))' is no address and port", field: name, fix: "write for example 127.0.0.1:53")
            return nil
        }
        return address
    }
}
