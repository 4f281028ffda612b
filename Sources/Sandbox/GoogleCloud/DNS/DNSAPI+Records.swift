import Domain
import Foundation

extension DNSAPI {
    var recordMethods: [GoogleMethod] {
        let all = "\(Self.zone)/rrsets"
        let one = "\(all)/{name}/{type}"
        return [
            method("resourceRecordSets.list", "GET", all, permission: "resourceRecordSets.list") { call in
                let items = try world.read { state, _ in
                    let zone = try state.managedZone(call)
                    return (state.records[zone.path] ?? [:]).sorted { $0.key < $1.key }.filter { key, _ in
                        (call.query("name").map { $0 == key.name } ?? true)
                            && (call.query("type").map { $0 == key.type } ?? true)
                    }.map { $0.value.json($0.key) }
                }
                return try list(call, "rrsets", items)
            },
            method("resourceRecordSets.get", "GET", one, permission: "resourceRecordSets.get") { call in
                try world.read { state, _ in
                    let key = DNSRecordKey(name: call.parameter("name"), type: call.parameter("type"))
                    let zone = try state.managedZone(call)
                    guard let record = state.records[zone.path]?[key] else { throw missing(key, "parameters.name") }
                    return .json(200, record.json(key))
                }
            },
            method("resourceRecordSets.create", "POST", all, permission: "resourceRecordSets.create") { call in
                let record = JSONValue.object(call.body)
                return try single(call, additions: { _ in [record] }, deletions: { _ in [] }) {
                    record["name"]?.stringValue.map { .init(name: $0, type: record["type"]?.plainText ?? "") }
                }
            },
            method("resourceRecordSets.patch", "PATCH", one, permission: "resourceRecordSets.update") { call in
                let key = DNSRecordKey(name: call.parameter("name"), type: call.parameter("type"))
                let body = call.body
                return try single(call) { old in
                    let merged = (old?.json(key).objectValue ?? [:]).merging(body) { $1 }
                    return [.object(merged)]
                } deletions: { old in
                    [old?.json(key) ?? ["name": .string(key.name), "type": .string(key.type)]]
                } key: {
                    key
                }
            },
            method("resourceRecordSets.delete", "DELETE", one, permission: "resourceRecordSets.delete") { call in
                let key = DNSRecordKey(name: call.parameter("name"), type: call.parameter("type"))
                _ = try single(
                    call, additions: { _ in [] },
                    deletions: { old in
                        [old?.json(key) ?? ["name": .string(key.name), "type": .string(key.type)]]
                    }
                ) { key }
                return .json(200, [:])
            },
        ]
    }

    /// One record set, by a change of its own.
    private func single(
        _ call: GoogleCall, additions: (DNSRecord?) -> [JSONValue], deletions: (DNSRecord?) -> [JSONValue],
        key: () -> DNSRecordKey?
    ) throws -> SandboxAnswer {
        try world.change { state, now in
            let zone = try state.managedZone(call)
            let key = key() ?? DNSRecordKey(name: "", type: "")
            let old = state.records[zone.path]?[key]
            _ = try state.applyRecords(additions(old), deletions(old), in: zone, call, now)
            return .json(200, state.records[zone.path]?[key]?.json(key) ?? [:])
        }
    }

    private func missing(_ key: DNSRecordKey, _ what: String) -> GoogleError {
        GoogleError(404, "notFound", "The '\(what)' resource named '\(key.name) (\(key.type))' does not exist.")
    }

    var changeMethods: [GoogleMethod] {
        let all = "\(Self.zone)/changes"
        return [
            method(
                "changes.create", "POST", all, permission: "changes.create",
                // What a change does to records needs the permissions for that too.
                also: { call in
                    let (adds, deletes) = (call.body["additions"]?.arrayValue, call.body["deletions"]?.arrayValue)
                    let names = [adds?.isEmpty == false ? "create" : nil, deletes?.isEmpty == false ? "delete" : nil]
                    return names.compactMap { $0 }.map { "resourceRecordSets.\($0)" }
                }
            ) { call in
                try world.change { state, now in
                    let zone = try state.managedZone(call)
                    let additions = call.body["additions"]?.arrayValue ?? []
                    let deletions = call.body["deletions"]?.arrayValue ?? []
                    guard !additions.isEmpty || !deletions.isEmpty else {
                        throw GoogleError(400, "required", "The 'entity.change' parameter is required but was missing.")
                    }
                    let change = try state.applyRecords(additions, deletions, in: zone, call, now)
                    return .json(200, change.json(now: now.microseconds))
                }
            },
            method("changes.get", "GET", "\(all)/{changeId}", permission: "changes.get") { call in
                try world.read { state, now in
                    let zone = try state.managedZone(call)
                    let id = call.parameter("changeId")
                    guard let change = state.recordChanges[zone.path]?.first(where: { $0.id == id }) else {
                        throw GoogleError(
                            404, "notFound", "The 'parameters.changeId' resource named '\(id)' does not exist.")
                    }
                    return .json(200, change.json(now: now.microseconds))
                }
            },
            method("changes.list", "GET", all, permission: "changes.list") { call in
                let items = try world.read { state, now in
                    let zone = try state.managedZone(call)
                    return (state.recordChanges[zone.path] ?? []).reversed().map { $0.json(now: now.microseconds) }
                }
                return try list(call, "changes", Array(items))
            },
        ]
    }
}
