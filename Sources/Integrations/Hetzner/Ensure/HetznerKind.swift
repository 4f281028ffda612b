/// A kind of thing at Hetzner Cloud.
struct HetznerKind: Sendable, Hashable {
    /// For people: `placement group`.
    var title: String
    /// As paths have it: `placement_groups`.
    var collection: String

    static let network = HetznerKind(title: "network", collection: "networks")
    static let firewall = HetznerKind(title: "firewall", collection: "firewalls")
    static let placementGroup = HetznerKind(title: "placement group", collection: "placement_groups")
    static let sshKey = HetznerKind(title: "SSH key", collection: "ssh_keys")
    static let primaryIP = HetznerKind(title: "primary IP", collection: "primary_ips")
    static let floatingIP = HetznerKind(title: "floating IP", collection: "floating_ips")
    static let server = HetznerKind(title: "server", collection: "servers")
    static let volume = HetznerKind(title: "volume", collection: "volumes")
    static let loadBalancer = HetznerKind(title: "load balancer", collection: "load_balancers")
    static let certificate = HetznerKind(title: "certificate", collection: "certificates")
    static let zone = HetznerKind(title: "DNS zone", collection: "zones")
    static let records = HetznerKind(title: "DNS records", collection: "rrsets")

    /// All whose things are in one collection of the project; records are within zones.
    static let collections = [
        server, volume, loadBalancer, network, firewall, placementGroup, sshKey, primaryIP, floatingIP, certificate,
        zone,
    ]
}
