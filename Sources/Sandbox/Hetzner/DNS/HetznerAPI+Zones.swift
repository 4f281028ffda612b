import Domain
import Foundation

extension HetznerAPI {
    /// Hetzner's own name servers.
    private static let nameServers = ["hydrogen.ns.hetzner.com.", "oxygen.ns.hetzner.com.", "helium.ns.hetzner.de."]

    var zoneMethods: [HetznerMethod] {
        readsAndUpdate(.zones) + [
            HetznerMethod("create_zone", "POST", "zones") { call in
                try world.change { state, now in
                    let name = try call.needText("name")
                    guard try call.needText("mode") == "primary" else {
                        // Copies of others' zones are not played.
                        throw HetznerError(
                            422, "incorrect_zone_mode", "this operation is not supported for this zone's mode")
                    }
                    let ttl = try HetznerRecord.ttl(call.body["ttl"]) ?? 3600
                    let labels = try call.labels() ?? [:]
                    try state.checkLimit(.zones)
                    let zone = try state.putZone(name, ttl: ttl, labels: labels, now)
                    for value in try call.list("rrsets") ?? [] {
                        let record = try HetznerRecord(value, in: zone.id)
                        try state.checkNew(record, in: zone.id)
                        state.records[zone.id]?[record.key] = record.body
                    }
                    let action = state.begin("create_zone", on: zone, now: now)
                    return HetznerAPI.made(state, zone, action, now)
                }
            },
            HetznerMethod("delete_zone", "DELETE", "zones/{id}") { call in
                try world.change { state, now in
                    let zone = try state.free(.zones, call.id)
                    guard !zone.isProtected() else { throw HetznerError.protected(.zones) }
                    let action = state.begin("delete_zone", on: zone.reference, now: now) { state, _ in
                        state[zone.reference] = nil
                        state.records[zone.id] = nil
                    }
                    return .json(201, ["action": action.json(now)])
                }
            },
            protection(.zones),
            action("change_zone_ttl", .zones, "change_ttl") { state, zone, call, now in
                let ttl = try HetznerRecord.ttl(try call.need("ttl")) ?? 3600
                return state.begin("change_ttl", on: zone.reference, now: now) { state, _ in
                    state.update(zone.reference) { $0.body["ttl"] = .int(Int64(ttl)) }
                }
            },
        ]
    }

    /// The records that every zone has from its beginning.
    fileprivate static func ownRecords(_ zone: Int) -> [String: [String: JSONValue]] {
        let start = "\(nameServers[0]) dns.hetzner.com. 2026010100 86400 10800 3600000 3600"
        let sets = [("SOA", [start]), ("NS", nameServers)]
        return sets.reduce(into: [:]) { all, set in
            let record = HetznerRecord("@", set.0, values: set.1, in: zone)
            all[record.key] = record.body
        }
    }

    fileprivate static func delegation(_ now: Date) -> JSONValue {
        let servers = JSONValue.array(nameServers.map { .string($0) })
        return [
            "assigned": servers, "delegated": servers, "delegation_last_check": HetznerState.time(now),
            "delegation_status": "valid",
        ]
    }
}

extension HetznerState {
    /// Makes a zone. Throws for a name that is none, or is there.
    @discardableResult
    mutating func putZone(_ name: String, ttl: Int, labels: JSONValue, _ now: Date) throws -> HetznerReference {
        try HetznerName.check(name, .zones)
        try checkName(.zones, name)
        let zone = add(
            .zones,
            [
                "name": .string(name), "mode": "primary", "ttl": .int(Int64(ttl)), "labels": labels, "status": "ok",
                "protection": ["delete": false], "registrar": "other", "primary_nameservers": [],
                "authoritative_nameservers": HetznerAPI.delegation(now),
            ], now)
        records[zone.id] = HetznerAPI.ownRecords(zone.id)
        return zone
    }

    func recordCount(of zone: Int) -> Int {
        (records[zone] ?? [:]).values.reduce(0) { $0 + ($1["records"]?.arrayValue?.count ?? 0) }
    }
}
