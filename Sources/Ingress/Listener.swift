import Domain

/// A place to listen on, and what is served there.
struct Listener: Sendable {
    enum Place: Sendable, CustomStringConvertible {
        case tcp(ListenAddress, isAdmin: Bool)
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
}
