import Domain
import Foundation

/// Cloud DNS' REST API v1 (cloud.google.com/dns/docs/reference/rest/v1): zones, record sets, changes.
struct DNSAPI: Sendable {
    static let zone = "projects/{project}/managedZones/{managedZone}"
    static let most = 1000

    let world: GoogleWorld

    var methods: [GoogleMethod] { zoneMethods + recordMethods + changeMethods }

    func method(
        _ id: String, _ verb: String, _ path: String, permission: String,
        also: @escaping @Sendable (GoogleCall) -> [String] = { _ in [] },
        _ handle: @escaping @Sendable (GoogleCall) async throws -> SandboxAnswer
    ) -> GoogleMethod {
        GoogleMethod(
            "dns.\(id)", verb, path,
            permissions: { call in
                let zone = call.parameters["managedZone"].map { "/managedZones/\($0)" } ?? ""
                return ([permission] + also(call)).map {
                    GooglePermission("dns.\($0)", on: "projects/\(call.project)\(zone)")
                }
            }, handle)
    }

    private var zoneMethods: [GoogleMethod] {
        let all = "projects/{project}/managedZones"
        return [
            method("managedZones.list", "GET", all, permission: "managedZones.list") { call in
                let items = try world.read { state, _ in
                    state.all(in: "projects/\(call.project)/managedZones").map { JSONValue.object($0.body) }
                        .filter { zone in call.query("dnsName").map { zone["dnsName"] == .string($0) } ?? true }
                }
                return try list(call, "managedZones", items)
            },
            method("managedZones.get", "GET", Self.zone, permission: "managedZones.get") { call in
                try world.read { state, _ in .json(200, .object(try state.managedZone(call).body)) }
            },
            method("managedZones.create", "POST", all, permission: "managedZones.create") { call in
                try world.change { state, now in .json(200, .object(try state.makeZone(call, now).body)) }
            },
            method("managedZones.delete", "DELETE", Self.zone, permission: "managedZones.delete") { call in
                try world.change { state, _ in
                    let zone = try state.managedZone(call)
                    guard state.records[zone.path]?.keys.allSatisfy({ $0.isOwn(zone) }) ?? true else {
                        throw GoogleError(
                            400, "containerNotEmpty",
                            "The resource named '\(zone.name)' cannot be deleted because it contains one or more "
                                + "'resource records'.")
                    }
                    state.resources[zone.path] = nil
                    state.records[zone.path] = nil
                    state.recordChanges[zone.path] = nil
                    return SandboxAnswer(204)
                }
            },
        ]
    }

    /// A list under its name, with its kind.
    func list(_ call: GoogleCall, _ name: String, _ items: [JSONValue]) throws -> SandboxAnswer {
        let page = try GooglePage(items, call, most: DNSAPI.most)
        let kinds = [
            "managedZones": "managedZones", "rrsets": "resourceRecordSets", "changes": "changes",
        ]
        var members: [String: JSONValue] = [
            "kind": .string("dns#\(kinds[name] ?? name)ListResponse"), name: .array(page.items),
        ]
        if let next = page.next { members["nextPageToken"] = .string(next) }
        return .json(200, .object(members))
    }
}

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
