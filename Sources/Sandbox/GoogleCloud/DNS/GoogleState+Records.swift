import Domain
import Foundation

extension GoogleState {
    /// Changes of records that are remembered for each zone.
    static let mostRecordChanges = 1000

    /// Takes records out and puts others in, all or none. The same client's id gives the change that is there.
    mutating func applyRecords(
        _ additions: [JSONValue], _ deletions: [JSONValue], in zone: GoogleResource, _ call: GoogleCall, _ now: Date
    ) throws -> DNSChange {
        let clientID = call.query("clientOperationId") ?? ""
        if !clientID.isEmpty, let known = recordChanges[zone.path]?.first(where: { $0.clientID == clientID }) {
            guard known.digest == call.digest else {
                throw GoogleError(
                    409, "alreadyExists",
                    "The resource 'parameters.clientOperationId' named '\(clientID)' already exists")
            }
            return known
        }
        var all = records[zone.path] ?? [:]
        for (index, deletion) in deletions.enumerated() {
            try delete(deletion, "entity.change.deletions[\(index)]", from: &all)
        }
        for (index, addition) in additions.enumerated() {
            try add(addition, "entity.change.additions[\(index)]", to: &all, zone)
        }
        for key in (records[zone.path] ?? [:]).keys where key.isOwn(zone) && all[key] == nil {
            throw GoogleError(
                400, "containerRequired",
                "The resource record set 'entity.change.deletions[0]' is required and cannot be deleted: \(key.type).")
        }
        records[zone.path] = all
        return note(additions, deletions, in: zone, clientID, call, now)
    }

    private mutating func note(
        _ additions: [JSONValue], _ deletions: [JSONValue], in zone: GoogleResource, _ clientID: String,
        _ call: GoogleCall, _ now: Date
    ) -> DNSChange {
        func shown(_ all: [JSONValue]) -> [JSONValue] {
            all.map { record in
                var members = record.objectValue ?? [:]
                members["kind"] = "dns#resourceRecordSet"
                members["signatureRrdatas"] = []
                return .object(members)
            }
        }
        var changes = recordChanges[zone.path] ?? []
        let change = DNSChange(
            id: String(newNumber()), additions: shown(additions), deletions: shown(deletions), start: now.rfc3339,
            doneAt: now.advanced(by: configuration.changePending).microseconds, clientID: clientID, digest: call.digest)
        changes.append(change)
        recordChanges[zone.path] = changes.suffix(GoogleState.mostRecordChanges)
        return change
    }

    private func delete(
        _ deletion: JSONValue, _ what: String, from all: inout [DNSRecordKey: DNSRecord]
    ) throws {
        let key = DNSRecordKey(name: deletion["name"]?.stringValue ?? "", type: deletion["type"]?.stringValue ?? "")
        guard let found = all[key] else {
            throw GoogleError(
                404, "notFound", "The '\(what)' resource named '\(key.name) (\(key.type))' does not exist.")
        }
        let data = deletion["rrdatas"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard found.ttl == deletion["ttl"]?.intValue, Set(found.data) == Set(data) else {
            throw GoogleError(412, "conditionNotMet", "Precondition not met for '\(what)'")
        }
        all[key] = nil
    }

    private func add(
        _ addition: JSONValue, _ what: String, to all: inout [DNSRecordKey: DNSRecord], _ zone: GoogleResource
    ) throws {
        let key = DNSRecordKey(name: addition["name"]?.stringValue ?? "", type: addition["type"]?.stringValue ?? "")
        let top = zone.body["dnsName"]?.stringValue ?? ""
        guard DNSName.isWhole(key.name), key.name == top || key.name.hasSuffix("." + top) else {
            throw GoogleError(400, "invalid", "Invalid value for '\(what).name': '\(key.name)'")
        }
        guard ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "HTTPS"].contains(key.type) else {
            throw GoogleError(400, "invalid", "Invalid value for '\(what).type': '\(key.type)'")
        }
        guard let ttl = addition["ttl"]?.intValue, (0...2_147_483_647).contains(ttl) else {
            throw GoogleError(400, "invalid", "Invalid value for '\(what).ttl': '\(addition["ttl"]?.plainText ?? "")'")
        }
        let data = addition["rrdatas"]?.arrayValue?.compactMap(\.stringValue) ?? []
        for (index, value) in data.enumerated() where key.type == "A" && IPv4Range.number(value) == nil {
            throw GoogleError(400, "invalid", "Invalid value for '\(what).rrdata[\(index)]': '\(value)'")
        }
        guard !data.isEmpty else {
            throw GoogleError(400, "required", "The '\(what).rrdatas' parameter is required but was missing.")
        }
        guard all[key] == nil else {
            throw GoogleError(
                409, "alreadyExists", "The resource '\(what)' named '\(key.name) (\(key.type))' already exists")
        }
        let others = all.keys.filter { $0.name == key.name && $0.type != key.type }
        guard key.type == "CNAME" ? others.isEmpty : !others.contains(where: { $0.type == "CNAME" }) else {
            throw GoogleError(
                400, "cnameResourceRecordSetConflict",
                "The resource record set '\(what)' is invalid because a CNAME resource record cannot be at the same name as "
                    + "another record set.")
        }
        all[key] = DNSRecord(ttl: ttl, data: data)
    }
}
