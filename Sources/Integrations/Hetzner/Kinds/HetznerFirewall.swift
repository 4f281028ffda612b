import Domain

/// A firewall: what it does not let in is kept out of the public addresses of those it is applied to.
struct HetznerFirewall: HetznerResource {
    /// Rules of one firewall (docs.hetzner.cloud, Firewalls).
    static let mostRules = 50

    static let kind = HetznerKind.firewall
    static let summary = "Makes a firewall, or changes its rules and to which servers it is applied"

    let identity: ThingIdentity
    private let rules: [HetznerFirewallRule]
    private let selector: String?

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        rules = input.sections(
            "rules", "What it lets through: {direction: in, protocol: tcp, port: \"22\", sources: [203.0.113.0/24]}",
            isRequired: true, atMost: Self.mostRules
        ) { HetznerFirewallRule(&$0) }
        selector = input.optionalText(
            "apply_to_label", "Servers that it is applied to, by their labels, such as defimon-pool=analytics",
            pattern: HetznerName.selector)
    }

    private static func application(_ selector: String) -> JSONValue {
        [["type": "label_selector", "label_selector": ["selector": .string(selector)]]]
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        var body: [String: JSONValue] = ["rules": .array(rules.map(\.json))]
        if let selector { body["apply_to"] = Self.application(selector) }
        return body
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let rules = rules
        var fields = [
            WantedField(
                name: "rules", wanted: Field.sortedStrings(rules.map(\.words)),
                present: { thing in
                    Field.sortedStrings((thing["rules"]?.arrayValue ?? []).map(HetznerFirewallRule.words))
                },
                change: .call { _, path in
                    .action("set_rules", of: path, ["rules": .array(rules.map(\.json))])
                })
        ]
        if let selector {
            fields.append(
                WantedField(
                    name: "apply_to_label", wanted: .string(selector),
                    present: { thing in
                        let there = (thing["applied_to"]?.arrayValue ?? []).compactMap {
                            $0["label_selector"]?["selector"]?.stringValue
                        }
                        return there.contains(selector) ? .string(selector) : .null
                    },
                    change: .call { _, path in
                        .action("apply_to_resources", of: path, ["apply_to": Self.application(selector)])
                    }))
        }
        return fields
    }
}
