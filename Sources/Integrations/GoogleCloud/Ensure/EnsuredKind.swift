import Domain

/// The kinds of things that are made what they are wanted to be, named as their ensure actions are.
enum EnsuredKind: String, CaseIterable {
    case network, subnetwork, firewall, nat, address, disk, instance, backend, autoscaler
    case healthCheck = "health-check"
    case forwardingRule = "forwarding-rule"
    case instanceTemplate = "instance-template"
    case instanceGroup = "instance-group"
    case unmanagedGroup = "unmanaged-group"

    /// Reads what its ensure action reads.
    func read(_ input: inout InputReader) -> any EnsuredResource {
        switch self {
        case .network: Network(&input)
        case .subnetwork: Subnetwork(&input)
        case .firewall: Firewall(&input)
        case .nat: NATGateway(&input)
        case .address: Address(&input)
        case .disk: Disk(&input)
        case .instance: Instance(&input)
        case .backend: Backend(&input)
        case .autoscaler: Autoscaler(&input)
        case .healthCheck: HealthCheck(&input)
        case .forwardingRule: ForwardingRule(&input)
        case .instanceTemplate: InstanceTemplate(&input)
        case .instanceGroup: InstanceGroup(&input)
        case .unmanagedGroup: UnmanagedGroup(&input)
        }
    }

    /// When its turn is: what it may be made of or be in comes before.
    var turn: Int {
        switch self {
        case .network: 0
        case .subnetwork, .firewall, .healthCheck, .disk: 1
        case .address, .nat, .instanceTemplate: 2
        case .instance, .instanceGroup: 3
        case .unmanagedGroup, .autoscaler: 4
        case .backend: 5
        case .forwardingRule: 6
        }
    }
}
