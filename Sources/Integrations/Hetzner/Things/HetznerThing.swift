import Domain
import Outbound
import YAML

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

/// One thing that is wanted.
struct HetznerWish: Sendable {
    var resource: any HetznerResource
    var kind: HetznerThing.Kind
    /// What people should know who read the plan.
    var note: String?
}

extension [HetznerThing] {
    /// Each by itself: of servers alike as many as are wanted. Throws `ActionError`.
    func wishes(_ kept: any KeptValues) async throws -> [HetznerWish] {
        var wishes: [HetznerWish] = []
        for thing in self {
            switch thing {
            case .one(let resource, let kind): wishes.append(HetznerWish(resource: resource, kind: kind))
            case .several(let group):
                let (servers, note) = try await group.servers(kept)
                for (index, server) in servers.enumerated() {
                    wishes.append(HetznerWish(resource: server, kind: .server, note: index == 0 ? note : nil))
                }
            }
        }
        return wishes
    }
}

extension ThingPart {
    init(_ wish: HetznerWish, _ names: HetznerNames, _ context: ActionContext) {
        let resource = wish.resource
        self.init(
            kind: wish.kind.rawValue, turn: wish.kind.turn, path: resource.key, name: resource.identity.name,
            title: resource.title,
            look: {
                var look = try await HetznerRun(resource: resource, names: names, context: context).look()
                if let note = wish.note { look.plan.notes.append(note) }
                return look
            },
            perform: { try await HetznerRun(resource: resource, names: names, context: $0).perform() },
            outputs: { resource.outputs(of: $0) })
    }
}

extension ThingList<HetznerThing> {
    /// `root` is where the files of pools are.
    init(_ input: inout InputReader, root: String) {
        let folder = DefinitionsFolder(root: root)
        self.init(
            &input,
            in: ThingFolder(
                contents: { path, most throws(ActionError) in try folder.contents(path, atMost: most) },
                document: { bytes, path throws(ActionError) in try YAMLReader.document(bytes, file: path) }),
            provider: "hetzner", example: "deploy/analytics-pool/deployment/hetzner-network.yaml",
            templates: ["user_data"])
    }
}
