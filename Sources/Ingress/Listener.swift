import Domain

/// A place to listen on, and what is served there.
struct Listener: Sendable {
    /// Who comes to an address.
    enum Audience: Sendable {
        /// Senders of webhooks.
        case everybody
        /// Operations.
        case operators
        /// Certificate authorities, on port 80.
        case authorities
    }

    enum Place: Sendable, CustomStringConvertible {
        case tcp(ListenAddress, Audience)
        case socket(String)

        var description: String {
            switch self {
            case .tcp(let address, _): address.description
            case .socket(let path): path
            }
        }
    }

    let place: Place
    let table: RouteTable
    /// Nil: without TLS.
    var certificate: ServedCertificate?
}
