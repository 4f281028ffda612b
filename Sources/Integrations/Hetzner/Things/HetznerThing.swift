import Domain

/// One thing of a pool at Hetzner Cloud, as it is wanted.
enum HetznerThing: ListedThing {
    /// Named as the ensure actions are.
    enum Kind: String, CaseIterable, Sendable {
        case network, firewall, server, servers, volume, certificate
        case placementGroup = "placement-group"
        case sshKey = "ssh-key"
        case primaryIP = "primary-ip"
        case floatingIP = "floating-ip"
        case loadBalancer = "load-balancer"
        case zone = "dns-zone"
        case records = "dns-records"

        /// When its turn is: what it may be made of or refer to comes before.
        var turn: Int {
            switch self {
            case .network, .placementGroup, .sshKey, .primaryIP, .certificate, .zone: 0
            case .firewall, .records: 1
            case .server, .servers: 2
            case .volume, .floatingIP, .loadBalancer: 3
            }
        }
    }

    case one(any HetznerResource, Kind)
    case several(ServerGroup)

    static var kinds: [String] { Kind.allCases.map(\.rawValue) }

    init?(kind: String, _ input: inout InputReader) {
        guard let kind = Kind(rawValue: kind) else { return nil }
        switch kind {
        case .network: self = .one(HetznerNetwork(&input), kind)
        case .firewall: self = .one(HetznerFirewall(&input), kind)
        case .server: self = .one(HetznerServer(&input), kind)
        case .servers: self = .several(ServerGroup(&input))
        case .volume: self = .one(HetznerVolume(&input), kind)
        case .certificate: self = .one(HetznerCertificate(&input), kind)
        case .placementGroup: self = .one(HetznerPlacementGroup(&input), kind)
        case .sshKey: self = .one(HetznerSSHKey(&input), kind)
        case .primaryIP: self = .one(HetznerPrimaryIP(&input), kind)
        case .floatingIP: self = .one(HetznerFloatingIP(&input), kind)
        case .loadBalancer: self = .one(HetznerLoadBalancer(&input), kind)
        case .zone: self = .one(HetznerZone(&input), kind)
        case .records: self = .one(HetznerRecords(&input), kind)
        }
    }
}
