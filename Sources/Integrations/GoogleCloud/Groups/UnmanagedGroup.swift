import Domain

/// A group of the instances that are named, in one zone, behind load balancers. Who was taken out of it by
/// gcp.unmanaged-group-remove stays out until gcp.unmanaged-group-add puts it back.
struct UnmanagedGroup: EnsuredResource {
    static let kind = ResourceKind.unmanagedGroup
    static let action = "gcp.unmanaged-group-ensure"
    static let summary = "Makes an unmanaged instance group, and adds the instances that it lacks"
    /// Instances of one group that are named.
    static let most = 100

    private let name: String
    private let pool: String
    private let zone: String?
    private let instances: [String]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the group")
        pool = input.pool()
        zone = input.zone()
        instances = input.texts(
            "instances", "Instances of the zone that are in it; others in it stay, and who was taken out stays out",
            each: CloudName.resource, "the name of an instance")
        if instances.count > UnmanagedGroup.most {
            input.report("'instances' are \(instances.count), more than \(UnmanagedGroup.most)", field: "instances")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let place = try defaults.zone(zone)
        let wanted = instances
        let home = InstanceHome(project: defaults.project, place: place)
        var wish = ResourceWish(
            kind: UnmanagedGroup.kind, project: defaults.project, place: place, name: name, pool: pool, body: [:],
            fields: [
                WantedField(
                    name: "instances", wanted: Field.sortedStrings(wanted),
                    present: { Field.sortedStrings(GroupMembers(in: $0).settled.filter(wanted.contains)) },
                    change: .call { resource, path in
                        let settled = GroupMembers(in: resource).settled
                        return GroupMembers.change(.add, wanted.filter { !settled.contains($0) }, path, home)
                    })
            ])
        let (path, title) = (wish.path, wish.title)
        wish.enriched = { client, context, resource in
            try await GroupMembers.read(path, client, context).added(to: resource)
        }
        wish.notes = { resource in
            GroupMembers(in: resource).takenOut.filter { wanted.contains($0.key) }.sorted { $0.key < $1.key }.map {
                "\($0.key) was taken out of \(title) at \($0.value), and stays out until it is put back"
            }
        }
        return wish
    }
}
