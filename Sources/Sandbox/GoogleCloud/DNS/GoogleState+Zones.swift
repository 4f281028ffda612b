import Domain
import Foundation

extension GoogleState {
    /// A zone that a request names, by its name or its number. Throws 404.
    func managedZone(_ call: GoogleCall) throws -> GoogleResource {
        let name = call.parameter("managedZone")
        let all = "projects/\(call.project)/managedZones"
        if let zone = resources["\(all)/\(name)"] { return zone }
        guard let zone = self.all(in: all).first(where: { $0.id == name }) else {
            throw GoogleError(
                404, "notFound", "The 'parameters.managedZone' resource named '\(name)' does not exist.")
        }
        return zone
    }

    mutating func makeZone(_ call: GoogleCall, _ now: Date) throws -> GoogleResource {
        let name = try ComputeName.checked(call.body["name"])
        let path = "projects/\(call.project)/managedZones/\(name)"
        guard let dnsName = try call.text("dnsName"), DNSName.isWhole(dnsName) else {
            throw GoogleError(
                400, "invalid",
                "Invalid value for 'entity.managedZone.dnsName': '\(call.body["dnsName"]?.plainText ?? "")'")
        }
        guard call.body["description"]?.stringValue != nil else {
            throw GoogleError(
                400, "required", "The 'entity.managedZone.description' parameter is required but was missing.")
        }
        guard resources[path] == nil else {
            throw GoogleError(409, "alreadyExists", "The resource 'entity.managedZone' named '\(name)' already exists")
        }
        putZone(path, dnsName: dnsName, call.body, now)
        return try managedZone(path: path)
    }

    private func managedZone(path: String) throws -> GoogleResource {
        guard let zone = resources[path] else { throw GoogleError.notFound(path) }
        return zone
    }

    /// A zone with its SOA and NS records.
    mutating func putZone(_ path: String, dnsName: String, _ more: [String: JSONValue] = [:], _ now: Date) {
        let servers = (1...4).map { "ns-cloud-a\($0).googledomains.com." }
        let made: [String: JSONValue] = [
            "kind": "dns#managedZone", "id": .string(newID()), "name": .string(GoogleState.last(path)),
            "dnsName": .string(dnsName), "nameServers": .array(servers.map { .string($0) }), "visibility": "public",
            "creationTime": .string(now.rfc3339),
        ]
        let body = ["description": JSONValue.string("")].merging(more) { $1 }.merging(made) { $1 }
        resources[path] = GoogleResource(path: path, body: body, isReady: true, visibleFrom: .distantPast)
        let soa = "\(servers[0]) cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"
        records[path] = [
            DNSRecordKey(name: dnsName, type: "NS"): DNSRecord(ttl: 21_600, data: servers),
            DNSRecordKey(name: dnsName, type: "SOA"): DNSRecord(ttl: 21_600, data: [soa]),
        ]
    }
}
