package import Domain
package import Outbound

/// The section `email` of the settings: the server that takes our mail, and who writes to whom. There is no setting
/// that would send anything without TLS.
package struct EmailSettings: Sendable {
    package var server: String
    package var port: Int
    package var security: MailServer.Security
    package var username: String?
    package var password: SecretReference?
    /// Who the mails are from; nil only where the section has problems.
    package var from: Mailbox?
    /// To whom `email:admin` writes.
    package var admin: MailAddress?
    /// A file of certificates to trust, PEM; nil: the machine's.
    package var ca: String?

    package init(_ input: inout InputReader) {
        server = input.text(
            "server", "The mail server: a host's name or IP address; its certificate must be for it",
            pattern: EmailSettings.host)
        let port = input.optionalInteger(
            "port", "587 for starttls and 465 for tls unless said", in: 1...65_535)
        let security =
            input.choice(
                "security", "starttls: plain until STARTTLS, which must succeed; tls: TLS from the first byte",
                of: MailServer.Security.self, default: .startTLS) ?? .startTLS
        self.security = security
        self.port = port ?? security.port
        username = input.optionalText("username", "The user for AUTH PLAIN or LOGIN; none: no authentication")
        password = input.secret("password", "The user's password", isRequired: false)
        let from = input.text("from", "Who the mails are from: an address, or \"Name <address>\"")
        self.from = Mailbox(from)
        let admin = input.optionalText("admin", "To whom email:admin writes: an address")
        self.admin = admin.flatMap { MailAddress($0) }
        ca = input.optionalText("ca", "A file of certificates to trust and no others, PEM; none: the machine's")
        check(&input, from: from, admin: admin)
    }

    private func check(_ input: inout InputReader, from: String, admin: String?) {
        if !from.isEmpty, self.from == nil {
            input.report(
                "email.from is not an address", field: "from",
                fix: "such as defimon@example.com or \"Defimon <defimon@example.com>\"; ASCII only")
        }
        if admin != nil, self.admin == nil {
            input.report("email.admin is not an address", field: "admin", fix: "such as ops@example.com; ASCII only")
        }
        if (username == nil) != (password == nil) {
            input.report(
                username == nil ? "email has a password and no username" : "email has a username and no password",
                field: username == nil ? "password" : "username", fix: "give both, or none")
        }
        let other: MailServer.Security = security == .tls ? .startTLS : .tls
        if port == other.port {
            input.report(
                "port \(port) is for security: \(other.rawValue), and this is \(security.rawValue)", field: "port",
                fix: "say security: \(other.rawValue), or port: \(security.port)")
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(name: "email", summary: "The server that takes the bot's mails") {
        _ = EmailSettings(&$0)
    }

    // Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let host = try? Pattern("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
}
