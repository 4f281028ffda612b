import Domain

/// A DNS zone that Hetzner's name servers answer for.
struct HetznerZone: HetznerResource {
    /// Seconds (docs.hetzner.cloud, Zones).
    static let times = Duration.seconds(60)...Duration.seconds(2_147_483_647)

    static let kind = HetznerKind.zone
    static let summary = "Makes a DNS zone"
    static let outputs: [ActionType.Output] = [
        .init("name_servers", .list(.text(nil)), "To whom the domain must be delegated")
    ]

    let identity: ThingIdentity
    private let ttl: Duration

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind, pattern: HetznerName.domain)
        ttl = input.duration(
            "ttl", "How long others may remember records that say nothing else", default: .seconds(3600))
        if !Self.times.contains(ttl) { input.report("'ttl' must be at least 60s", field: "ttl") }
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        ["mode": "primary", "ttl": .int(ttl.milliseconds / 1000)]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let seconds = JSONValue.int(ttl.milliseconds / 1000)
        return [
            WantedField(name: "mode", wanted: "primary", present: Field.value("mode"), change: .replacement()),
            WantedField(
                name: "ttl", wanted: seconds, present: Field.value("ttl"),
                change: .call { _, path in .action("change_ttl", of: path, ["ttl": seconds]) }),
        ]
    }

    func outputs(of thing: JSONValue) -> [String: JSONValue] {
        ["name_servers": thing.at(path: "authoritative_nameservers.assigned") ?? []]
    }
}
