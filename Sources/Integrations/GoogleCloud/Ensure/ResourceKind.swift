import Domain

/// A kind of thing at Compute Engine.
struct ResourceKind: Sendable, Hashable {
    /// Where the mark is that says which pool of ours a thing belongs to.
    enum Mark: Sendable, Hashable {
        /// The label `defimon`.
        case label
        /// The label, which Google takes only of what is there already; until then the description has the mark.
        case lateLabel
        /// The description begins with `defimon` and the pool; it can be changed.
        case description
        /// The description as it was made; what was made by others is known as adopted from the ledger alone.
        case firstDescription
    }

    /// For people: `firewall rule`.
    var title: String
    /// As paths have it: `firewalls`.
    var collection: String
    var mark: Mark

    static let network = ResourceKind(title: "network", collection: "networks", mark: .firstDescription)
    static let subnetwork = ResourceKind(title: "subnetwork", collection: "subnetworks", mark: .firstDescription)
    static let firewall = ResourceKind(title: "firewall rule", collection: "firewalls", mark: .description)
    static let router = ResourceKind(title: "router", collection: "routers", mark: .firstDescription)
    static let address = ResourceKind(title: "address", collection: "addresses", mark: .lateLabel)
    static let disk = ResourceKind(title: "disk", collection: "disks", mark: .label)
    static let snapshot = ResourceKind(title: "snapshot", collection: "snapshots", mark: .label)
    static let instance = ResourceKind(title: "instance", collection: "instances", mark: .label)
    static let healthCheck = ResourceKind(title: "health check", collection: "healthChecks", mark: .description)
    static let backend = ResourceKind(title: "backend service", collection: "backendServices", mark: .description)
    static let forwardingRule = ResourceKind(title: "forwarding rule", collection: "forwardingRules", mark: .lateLabel)
    static let instanceTemplate = ResourceKind(
        title: "instance template", collection: "instanceTemplates", mark: .firstDescription)
    static let instanceGroup = ResourceKind(
        title: "instance group", collection: "instanceGroupManagers", mark: .firstDescription)
    static let unmanagedGroup = ResourceKind(
        title: "unmanaged instance group", collection: "instanceGroups", mark: .firstDescription)
    static let autoscaler = ResourceKind(title: "autoscaler", collection: "autoscalers", mark: .description)
}
