import Domain

/// What the instances of a group are made of. Google never changes one: a change is a new template by another name.
struct InstanceTemplate: EnsuredResource {
    static let kind = ResourceKind.instanceTemplate
    static let action = "gcp.instance-template-ensure"
    static let summary = "Makes the template of a group's instances"

    private let instance: Instance

    init(_ input: inout InputReader) {
        instance = Instance(&input)
        for field in ["disks", "deletion_protection", "address"] where input.isGiven(field) {
            input.report("'\(field)' belongs to one instance, not to a template", field: field, fix: "leave it out")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        let hint = "a template is never changed: give the new one another name, and the group that name"
        let home = InstanceHome(project: defaults.project, place: try defaults.zone(instance.zone))
        var properties = instance.body(home)
        // A template names types alone, and its disks are made for each instance.
        properties["machineType"] = .string(instance.machineType)
        properties["deletionProtection"] = nil
        properties["disks"] = [Instance.bootDisk(of: properties, type: instance.bootType)]
        properties["labels"] = .object(
            instance.labels.mapValues(JSONValue.string).merging([PoolMark.word: .string(instance.pool)]) { $1 })
        let fields = instance.fields(home).filter { InstanceTemplate.compared.contains($0.name) }.map { field in
            WantedField(
                name: field.name, wanted: field.wanted,
                present: { field.present($0["properties"] ?? [:]) }, change: .replacement(hint: hint),
                isSame: field.isSame, words: field.words)
        }
        return ResourceWish(
            kind: InstanceTemplate.kind, project: defaults.project, place: .global, name: instance.name,
            pool: instance.pool, body: ["properties": .object(properties)], fields: fields)
    }

    private static let compared: Set<String> = [
        "machineType", "subnetwork", "secureBoot", "network_tags", "metadata", "serviceAccount",
    ]
}
