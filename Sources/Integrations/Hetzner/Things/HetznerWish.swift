import Domain

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
