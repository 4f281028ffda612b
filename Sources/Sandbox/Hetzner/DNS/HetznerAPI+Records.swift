import Domain
import Foundation

extension HetznerAPI {
    private static let recordPath = "zones/{id}/rrsets/{name}/{type}"

    var recordMethods: [HetznerMethod] { recordReads + recordWrites }

    private var recordReads: [HetznerMethod] {
        [
            HetznerMethod("list_zone_rrsets", "GET", "zones/{id}/rrsets") { call in
                try world.read { state, _ in
                    let zone = try state.found(.zones, call.id)
                    let all = (state.records[zone.id] ?? [:]).sorted { $0.key < $1.key }
                    return try HetznerPage(all.map { .object($0.value) }, "rrsets", call).answer()
                }
            },
            HetznerMethod("get_zone_rrset", "GET", HetznerAPI.recordPath) { call in
                try world.read { state, _ in .json(200, ["rrset": .object(try state.record(call).body)]) }
            },
            HetznerMethod("update_zone_rrset", "PUT", HetznerAPI.recordPath) { call in
                try world.change { state, _ in
                    let (zone, key, body) = try state.record(call)
                    var new = body
                    if let labels = try call.labels() { new["labels"] = labels }
                    state.records[zone.id]?[key] = new
                    return .json(200, ["rrset": .object(new)])
                }
            },
        ]
    }

    private var recordWrites: [HetznerMethod] {
        [
            HetznerMethod("create_zone_rrset", "POST", "zones/{id}/rrsets") { call in
                try world.change { state, now in
                    let zone = try state.found(.zones, call.id)
                    let record = try HetznerRecord(.object(call.body), in: zone.id)
                    try state.checkNew(record, in: zone.id)
                    state.records[zone.id]?[record.key] = record.body
                    let action = state.begin(
                        "create_rrset", on: zone.reference, now: now,
                        onFailure: { state, _ in state.records[zone.id]?[record.key] = nil })
                    return .json(201, ["rrset": .object(record.body), "action": action.json(now)])
                }
            },
            HetznerMethod("delete_zone_rrset", "DELETE", HetznerAPI.recordPath) { call in
                try world.change { state, now in
                    let (zone, key, body) = try state.record(call)
                    try HetznerState.checkChangeable(body)
                    let action = state.begin("delete_rrset", on: zone.reference, now: now) { state, _ in
                        state.records[zone.id]?[key] = nil
                    }
                    return .json(201, ["action": action.json(now)])
                }
            },
            change("change_zone_rrset_protection", "change_protection", "change_rrset_protection") { _, call in
                ["protection": ["change": .bool(try call.needFlag("change"))]]
            },
            change("change_zone_rrset_ttl", "change_ttl", "change_rrset_ttl") { _, call in
                ["ttl": try HetznerRecord.ttl(call.body["ttl"]).map { .int(Int64($0)) } ?? .null]
            },
            change("set_zone_rrset_records", "set_records", "set_rrset_records") { body, call in
                ["records": .array(try HetznerRecord.values(call.body["records"], body["type"]?.stringValue ?? ""))]
            },
            change("update_zone_rrset_records", "update_records", "update_rrset_records", status: 200) { body, call in
                let changed = try HetznerRecord.values(call.body["records"], body["type"]?.stringValue ?? "")
                let records = body["records"]?.arrayValue ?? []
                return [
                    "records": .array(
                        records.map { old in changed.first { $0["value"] == old["value"] } ?? old })
                ]
            },
            HetznerMethod("add_zone_rrset_records", "POST", "\(HetznerAPI.recordPath)/actions/add_records") { call in
                try world.change { state, now in try HetznerAPI.addRecords(call, &state, now) }
            },
            HetznerMethod("remove_zone_rrset_records", "POST", "\(HetznerAPI.recordPath)/actions/remove_records") {
                call in try world.change { state, now in try HetznerAPI.removeRecords(call, &state, now) }
            },
        ]
    }

    /// A change of one set's members, when its action ends.
    private func change(
        _ id: String, _ path: String, _ command: String, status: Int = 201,
        _ members: @escaping @Sendable ([String: JSONValue], HetznerCall) throws -> [String: JSONValue]
    ) -> HetznerMethod {
        HetznerMethod(id, "POST", "\(HetznerAPI.recordPath)/actions/\(path)") { call in
            try world.change { state, now in
                let (zone, key, body) = try state.record(call)
                if path != "change_protection" { try HetznerState.checkChangeable(body) }
                let new = try members(body, call)
                let action = state.begin(command, on: zone.reference, now: now) { state, _ in
                    state.records[zone.id]?[key]?.merge(new) { $1 }
                }
                return .json(status, ["action": action.json(now)])
            }
        }
    }

    private static func addRecords(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let zone = try state.found(.zones, call.id)
        let (name, type) = (call.parameters["name"] ?? "", call.parameters["type"] ?? "")
        let ordered = try HetznerRecord(
            .object(call.body.merging(["name": .string(name), "type": .string(type)]) { $1 }), in: zone.id)
        let known = state.records[zone.id]?[ordered.key]
        if let known { try HetznerState.checkChangeable(known) } else { try state.checkNew(ordered, in: zone.id) }
        let old = known?["records"]?.arrayValue ?? []
        let new = ordered.body["records"]?.arrayValue ?? []
        guard !new.contains(where: { record in old.contains { $0["value"] == record["value"] } }) else {
            throw HetznerError.notUnique("records", "record already exists")
        }
        let action = state.begin("add_rrset_records", on: zone.reference, now: now) { state, _ in
            // Others may have come and gone since it began.
            let body = state.records[zone.id]?[ordered.key] ?? ordered.body.merging(["records": []]) { $1 }
            let old = (body["records"]?.arrayValue ?? []).filter { record in
                !new.contains { $0["value"] == record["value"] }
            }
            state.records[zone.id]?[ordered.key] = body.merging(["records": .array(old + new)]) { $1 }
        }
        return .json(201, ["action": action.json(now)])
    }

    private static func removeRecords(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let (zone, key, body) = try state.record(call)
        try HetznerState.checkChangeable(body)
        let gone = try call.needList("records").map { $0["value"] ?? .null }
        let old = body["records"]?.arrayValue ?? []
        guard gone.allSatisfy({ value in old.contains { $0["value"] == value } }) else {
            throw HetznerError.invalid("records", "are not in the RRSet")
        }
        let action = state.begin("remove_rrset_records", on: zone.reference, now: now) { state, _ in
            guard let body = state.records[zone.id]?[key] else { return }
            let left = (body["records"]?.arrayValue ?? []).filter { !gone.contains($0["value"] ?? .null) }
            state.records[zone.id]?[key] = left.isEmpty ? nil : body.merging(["records": .array(left)]) { $1 }
        }
        return .json(201, ["action": action.json(now)])
    }
}

extension HetznerState {
    /// The record set that a path names. Throws 404.
    fileprivate func record(
        _ call: HetznerCall
    ) throws -> (zone: HetznerResource, key: String, body: [String: JSONValue]) {
        let zone = try found(.zones, call.id)
        let key = "\(call.parameters["name"] ?? "")/\(call.parameters["type"] ?? "")"
        guard let body = records[zone.id]?[key] else {
            throw HetznerError(404, "not_found", "RRSet '\(key)' not found")
        }
        return (zone, key, body)
    }

    fileprivate static func checkChangeable(_ body: [String: JSONValue]) throws {
        guard body["protection"]?["change"] != true else {
            throw HetznerError(423, "protected", "RRSet is protected against change")
        }
    }
}
