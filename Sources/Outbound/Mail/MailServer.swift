package import Domain

/// The server that takes our mail (RFC 6409 submission), and how it is reached. There is no way without TLS.
package struct MailServer: Sendable {
    package enum Security: String, Sendable, Hashable, CaseIterable {
        /// Plain until STARTTLS (RFC 3207), which must succeed before anything is told; port 587.
        case startTLS = "starttls"
        /// TLS from the first byte (RFC 8314 §3.3); port 465.
        case tls

        /// The usual port.
        package var port: Int {
            switch self {
            case .startTLS: 587
            case .tls: 465
            }
        }
    }

    package struct Credentials: Sendable, Hashable {
        package var user: String
        package var password: Secret

        package init(user: String, password: Secret) {
            self.user = user
            self.password = password
        }
    }

    /// A host's name, or an IP address without brackets. Its certificate must be for this.
    package var host: String
    package var port: Int
    package var security: Security
    /// For AUTH PLAIN or LOGIN (RFC 4954); nil: no authentication.
    package var credentials: Credentials?
    /// Certificates to trust and no others, PEM; nil: the machine's.
    package var trustedCertificates: [UInt8]?
    /// What EHLO says: a domain's name (RFC 5321 §4.1.1.1).
    package var greeting: String
    /// From the first packet to the end of authentication.
    package var connectTimeout = Duration.seconds(20)
    /// From the first packet to the reply to the whole mail.
    package var timeout = Duration.seconds(60)

    package init(
        host: String, port: Int? = nil, security: Security, credentials: Credentials? = nil,
        trustedCertificates: [UInt8]? = nil, greeting: String
    ) {
        self.host = host
        self.port = port ?? security.port
        self.security = security
        self.credentials = credentials
        self.trustedCertificates = trustedCertificates
        self.greeting = greeting
    }

    /// libcurl's URL of the server; the path is what EHLO says.
    var url: String {
        let scheme =
            switch security {
            case .startTLS: "smtp"
            case .tls: "smtps"
            }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(greeting)"
    }
}
