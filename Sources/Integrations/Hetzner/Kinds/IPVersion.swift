/// Kinds of addresses.
enum IPVersion: String, CaseIterable, Sendable {
    case ipv4, ipv6
}
