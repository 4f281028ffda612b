import Domain
import Outbound

/// What one look at an endpoint has shown.
struct EndpointSight: Sendable {
    enum What: Sendable {
        /// The certificate that was looked for.
        case itself
        case other(PeerCertificate)
        case nothing(TLSProbe.Failure)
    }

    struct Seen: Sendable {
        var address: HostAddress
        var what: What

        var isItself: Bool {
            if case .itself = what { true } else { false }
        }

        /// Not every machine has IPv6.
        var isOutOfReach: Bool {
            guard address.bytes.count == 16, case .nothing(let failure) = what else { return false }
            return failure.isUnreachable
        }

        var words: String {
            switch what {
            case .itself: "\(address.text) shows it"
            case .other(let other):
                "\(address.text) shows serial number \(other.serialNumber) of \(other.issuer), which ends on "
                    + other.notAfter.rfc3339.prefix(10)
            case .nothing(let failure): "\(address.text): \(failure.message)"
            }
        }
    }

    var seen: [Seen] = []
    /// Why the host has no address.
    var unresolved: String?

    /// Every address shows it. An IPv6 address that is out of reach from here does not count where one of IPv4 shows it.
    var isProven: Bool {
        guard unresolved == nil, seen.contains(where: \.isItself) else { return false }
        let hasIPv4 = seen.contains { $0.isItself && $0.address.bytes.count == 4 }
        return seen.allSatisfy { $0.isItself || hasIPv4 && $0.isOutOfReach }
    }

    /// For people: all addresses when it is proven, else those that do not show it.
    var words: String {
        if let unresolved { return unresolved }
        guard isProven else { return seen.filter { !$0.isItself }.map(\.words).joined(separator: "; ") }
        let shown = "shows it at " + seen.filter(\.isItself).map(\.address.text).joined(separator: ", ")
        let rest = seen.filter { !$0.isItself }.map(\.address.text)
        return rest.isEmpty ? shown : "\(shown); \(rest.joined(separator: ", ")) cannot be reached from here"
    }
}
