/// What there is at Hetzner, by its collection in the paths of the API.
enum HetznerKind: String, Sendable, Hashable, CaseIterable {
    case servers, volumes, networks, firewalls, certificates, zones, images, locations, datacenters
    case placementGroups = "placement_groups"
    case sshKeys = "ssh_keys"
    case loadBalancers = "load_balancers"
    case primaryIPs = "primary_ips"
    case floatingIPs = "floating_ips"
    case serverTypes = "server_types"
    case loadBalancerTypes = "load_balancer_types"

    /// The member in which one is answered, and the type by which actions name it: `placement_group`.
    var singular: String { String(rawValue.dropLast()) }

    /// As a person says it: `Primary IP`.
    var words: String { singular.replacing("_", with: " ") }

    /// Kinds that only Hetzner makes.
    var isCatalogue: Bool {
        switch self {
        case .locations, .datacenters, .serverTypes, .loadBalancerTypes: true
        default: false
        }
    }

    /// Whether actions are told below the kind's own paths.
    var hasActions: Bool { !isCatalogue && self != .placementGroups && self != .sshKeys }

    /// How a change is refused while another is under way.
    var busyCode: String {
        switch self {
        case .networks, .firewalls, .primaryIPs, .floatingIPs: "conflict"
        default: "locked"
        }
    }
}

/// One thing, by its kind and number.
struct HetznerReference: Sendable, Hashable {
    let kind: HetznerKind
    let id: Int

    init(_ kind: HetznerKind, _ id: Int) {
        self.kind = kind
        self.id = id
    }
}
