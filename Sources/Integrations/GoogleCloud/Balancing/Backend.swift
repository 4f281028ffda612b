import Domain

/// The groups of instances behind a regional network load balancer that passes packets through.
struct Backend: EnsuredResource {
    enum TransportProtocol: String, CaseIterable {
        case tcp = "TCP"
        case udp = "UDP"
    }

    enum Scheme: String, CaseIterable {
        case external = "EXTERNAL"
        case inside = "INTERNAL"
    }

    enum Affinity: String, CaseIterable {
        case none = "NONE"
        case client = "CLIENT_IP"
    }

    static let kind = ResourceKind.backend
    static let action = "gcp.backend-ensure"
    static let summary = "Makes the backend service of a regional network load balancer, or changes what differs of it"

    private let name: String
    private let pool: String
    private let region: String?
    private let transport: TransportProtocol
    private let scheme: Scheme
    private let affinity: Affinity
    private let healthCheck: String
    private let groups: [String]
    private let draining: Int

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the backend service")
        pool = input.pool()
        region = input.region()
        transport =
            input.choice("protocol", "What it passes on", of: TransportProtocol.self, default: .tcp) ?? .tcp
        scheme =
            input.choice("scheme", "For the internet, or for inside only", of: Scheme.self, default: .external)
            ?? .external
        affinity =
            input.choice(
                "session_affinity", "Whether a client stays at one machine", of: Affinity.self, default: Affinity.none)
            ?? .none
        healthCheck = input.text("health_check", "Name of a health check of the region", pattern: CloudName.resource)
        groups = input.texts(
            "groups", "Groups of instances behind it, each by its name, or by zone and name: europe-west3-a/geth",
            each: Backend.group, "a group, or a zone and a group, such as europe-west3-a/geth")
        draining = input.integer(
            "draining_seconds", "How long connections may go on when a machine is taken out", in: 0...3600, default: 300
        )
    }

    private static let group = try? Pattern("([a-z]+(-[a-z]+)+[0-9]{1,2}-[a-z]/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?")

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let place = try defaults.region(region)
        let check = "projects/\(defaults.project)/\(place.path)/healthChecks/\(healthCheck)"
        let links = try groups.map { group throws(ActionError) -> String in
            let parts = group.split(separator: "/").map(String.init)
            let zone = try defaults.zone(parts.count > 1 ? parts[0] : nil)
            return "projects/\(defaults.project)/\(zone.path)/instanceGroups/\(parts.last ?? "")"
        }
        let draining = JSONValue.int(Int64(draining))
        let body: [String: JSONValue] = [
            "protocol": .string(transport.rawValue), "loadBalancingScheme": .string(scheme.rawValue),
            "sessionAffinity": .string(affinity.rawValue), "healthChecks": [.string(check)],
            "backends": .array(links.map { ["group": .string($0), "balancingMode": "CONNECTION"] }),
            "connectionDraining": ["drainingTimeoutSec": draining],
        ]
        return ResourceWish(
            kind: Backend.kind, project: defaults.project, place: place, name: name, pool: pool, body: body,
            fields: [
                WantedField(
                    name: "protocol", wanted: .string(transport.rawValue), present: Field.value("protocol"),
                    change: .replacement()),
                WantedField(
                    name: "scheme", wanted: .string(scheme.rawValue), present: Field.value("loadBalancingScheme"),
                    change: .replacement()),
                WantedField(
                    name: "sessionAffinity", wanted: .string(affinity.rawValue),
                    present: Field.value("sessionAffinity", usual: "NONE"), change: .patch(member: "sessionAffinity")),
                WantedField(
                    name: "healthChecks", wanted: .array([.string(check)]),
                    present: { resource in
                        Field.strings(
                            (resource["healthChecks"]?.arrayValue ?? []).compactMap(\.stringValue)
                                .map(ResourcePath.relative))
                    }, change: .patch(member: "healthChecks")),
                WantedField(
                    name: "groups", wanted: Field.sortedStrings(links),
                    present: { resource in
                        Field.sortedStrings(
                            (resource["backends"]?.arrayValue ?? []).compactMap { $0["group"]?.stringValue }
                                .map(ResourcePath.relative))
                    }, change: .patch(member: "backends")),
                WantedField(
                    name: "draining", wanted: draining,
                    present: Field.value("connectionDraining.drainingTimeoutSec", usual: 0),
                    change: .patch(member: "connectionDraining")),
            ])
    }
}
