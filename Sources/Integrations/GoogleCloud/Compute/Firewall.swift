import Domain

/// A firewall rule of a network.
struct Firewall: EnsuredResource {
    enum Direction: String, CaseIterable {
        case ingress = "INGRESS"
        case egress = "EGRESS"
    }

    /// Sources, targets and destinations of one rule.
    static let mostRanges = 256

    static let kind = ResourceKind.firewall
    static let action = "gcp.firewall-ensure"
    static let summary = "Makes a firewall rule, or changes what differs of it"

    private let name: String
    private let pool: String
    private let network: String
    private let direction: Direction
    private let priority: Int
    private let allowed: [ProtocolPorts]
    private let denied: [ProtocolPorts]
    private let lists: [(member: String, values: [String])]
    private let isDisabled: Bool
    private let isLogged: Bool

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the rule")
        pool = input.pool()
        network = input.text("network", "Name of its network", pattern: CloudName.resource)
        direction =
            input.choice("direction", "Which way", of: Direction.self, default: .ingress) ?? .ingress
        priority = input.integer("priority", "The lowest number goes first", in: 0...65_535, default: 1000)
        allowed = Firewall.protocols("allow", "What it lets through, such as tcp:30303, udp:30303, icmp", &input)
        denied = Firewall.protocols("deny", "Instead of 'allow': what it keeps out", &input)
        let sources = input.texts("source_ranges", "From which addresses, such as 10.0.0.0/8")
        let sourceTags = input.texts("source_tags", "From machines with one of these network tags")
        lists = [
            ("sourceRanges", sources), ("sourceTags", sourceTags),
            ("destinationRanges", input.texts("destination_ranges", "To which addresses, for what goes out")),
            (
                "targetTags",
                input.texts("target_tags", "Machines that it counts for, by network tag; all when left out")
            ),
        ]
        isDisabled = input.flag("disabled", "Whether it is kept without effect")
        isLogged = input.flag("log", "Whether its connections are logged")
        check(&input, hasSources: !sources.isEmpty || !sourceTags.isEmpty)
    }

    private func check(_ input: inout InputReader, hasSources: Bool) {
        if input.isGiven("allow") == input.isGiven("deny") {
            input.report(
                "a rule lets something through or keeps something out", field: "allow",
                fix: "give one of 'allow' and 'deny'"
            )
        }
        // Google would read it as everybody.
        if direction == .ingress, !hasSources, !input.isGiven("source_ranges"), !input.isGiven("source_tags") {
            input.report(
                "the rule names no source", field: "source_ranges",
                fix: "say from where; [0.0.0.0/0] is everybody on the internet")
        }
        for list in lists where list.values.count > Firewall.mostRanges {
            input.report(
                "\(list.member) has \(list.values.count) items, more than \(Firewall.mostRanges)",
                field: "source_ranges")
        }
    }

    private static func protocols(_ name: String, _ help: String, _ input: inout InputReader) -> [ProtocolPorts] {
        let texts = input.texts(name, help)
        for text in texts where ProtocolPorts(text) == nil {
            input.report(
                "'\(text.prefix(80))' in '\(name)' is no protocol with ports", field: name,
                fix: "such as tcp:8545,9090-9099, udp:30303, icmp or all")
        }
        return texts.compactMap(ProtocolPorts.init)
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        if direction == .ingress, lists[0].values.isEmpty, lists[1].values.isEmpty {
            throw ActionError("firewall rule \(name) names no source", hint: "[0.0.0.0/0] is everybody on the internet")
        }
        let link = "projects/\(defaults.project)/global/networks/\(network)"
        var body: [String: JSONValue] = [
            "network": .string(link), "direction": .string(direction.rawValue), "priority": .int(Int64(priority)),
            "disabled": .bool(isDisabled), "logConfig": ["enable": .bool(isLogged)],
        ]
        if !allowed.isEmpty { body["allowed"] = .array(allowed.map(\.json)) }
        if !denied.isEmpty { body["denied"] = .array(denied.map(\.json)) }
        for list in lists where !list.values.isEmpty { body[list.member] = Field.strings(list.values) }
        var fields = [
            WantedField(
                name: "network", wanted: .string(link), present: Field.link("network"), change: .replacement()),
            WantedField(
                name: "direction", wanted: .string(direction.rawValue), present: Field.value("direction"),
                change: .replacement()),
            WantedField(
                name: "priority", wanted: .int(Int64(priority)), present: Field.value("priority", usual: 1000),
                change: .patch(member: "priority")),
            Firewall.field("allowed", allowed, turnsInto: "denied", !denied.isEmpty),
            Firewall.field("denied", denied, turnsInto: "allowed", !allowed.isEmpty),
            WantedField(
                name: "disabled", wanted: .bool(isDisabled), present: Field.value("disabled", usual: false),
                change: .patch(member: "disabled")),
            WantedField(
                name: "log", wanted: .bool(isLogged), present: Field.value("logConfig.enable", usual: false),
                change: .patch(member: "logConfig")),
        ]
        for list in lists {
            fields.append(
                WantedField(
                    name: list.member, wanted: Field.sortedStrings(list.values), present: Field.set(list.member),
                    change: .patch(member: list.member)))
        }
        return ResourceWish(
            kind: Firewall.kind, project: defaults.project, place: .global, name: name, pool: pool, body: body,
            fields: fields)
    }

    /// A rule that lets through never becomes one that keeps out: Google takes no such change.
    private static func field(_ member: String, _ wanted: [ProtocolPorts], turnsInto other: String, _ isOther: Bool)
        -> WantedField
    {
        WantedField(
            name: member, wanted: Field.sortedStrings(wanted.map(\.text)),
            present: { resource in
                Field.sortedStrings((resource[member]?.arrayValue ?? []).map(ProtocolPorts.text))
            }, change: isOther ? .replacement() : .patch(member: member))
    }
}
