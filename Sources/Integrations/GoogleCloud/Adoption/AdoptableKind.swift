import Domain

/// The kinds of things that can be taken over, named as their ensure actions are.
enum AdoptableKind: String, CaseIterable {
    case network, subnetwork, firewall, nat, address, disk, instance, backend, autoscaler
    case healthCheck = "health-check"
    case forwardingRule = "forwarding-rule"
    case instanceTemplate = "instance-template"
    case instanceGroup = "instance-group"

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
        }
    }
}
