import Domain

/// How large a group of instances is, by how busy it is.
struct Autoscaler: EnsuredResource {
    static let kind = ResourceKind.autoscaler
    static let action = "gcp.autoscaler-ensure"
    static let summary = "Makes the autoscaler of a managed instance group, or changes its bounds"

    private let name: String
    private let pool: String
    private let zone: String?
    private let group: String
    private let least: Int
    private let most: Int
    private let cpu: Int

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the autoscaler")
        pool = input.pool()
        zone = input.zone()
        group = input.text("group", "Name of the managed instance group", pattern: CloudName.resource)
        least = input.integer("min", "The fewest instances", in: InstanceGroup.sizes)
        most = input.integer("max", "The most instances", in: 1...100)
        cpu = input.integer("cpu_percent", "How busy their processors are to be", in: 10...95, default: 60)
        if least > most, input.problems.isEmpty {
            input.report("'min' is larger than 'max'", field: "min")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        guard least <= most else {
            throw ActionError("autoscaler \(name): 'min' \(least) is larger than 'max' \(most)")
        }
        let place = try defaults.zone(zone)
        let link = "projects/\(defaults.project)/\(place.path)/instanceGroupManagers/\(group)"
        let policy: JSONValue = [
            "minNumReplicas": .int(Int64(least)), "maxNumReplicas": .int(Int64(most)), "mode": "ON",
            "cpuUtilization": ["utilizationTarget": .double(Double(cpu) / 100)],
        ]
        func bound(_ shown: String, _ member: String, _ wanted: Int) -> WantedField {
            WantedField(
                name: shown, wanted: .int(Int64(wanted)), present: Field.value("autoscalingPolicy.\(member)"),
                change: .patch(member: "autoscalingPolicy"))
        }
        return ResourceWish(
            kind: Autoscaler.kind, project: defaults.project, place: place, name: name, pool: pool,
            body: ["target": .string(link), "autoscalingPolicy": policy],
            fields: [
                WantedField(
                    name: "group", wanted: .string(link), present: Field.link("target"), change: .replacement()),
                bound("min", "minNumReplicas", least), bound("max", "maxNumReplicas", most),
                WantedField(
                    name: "cpu_percent", wanted: .int(Int64(cpu)),
                    present: { resource in
                        switch resource.at(path: "autoscalingPolicy.cpuUtilization.utilizationTarget") {
                        case .double(let share)?: .int(Int64((share * 100).rounded()))
                        case .int(let whole)?: .int(whole * 100)
                        default: .null
                        }
                    }, change: .patch(member: "autoscalingPolicy")),
            ])
    }
}
