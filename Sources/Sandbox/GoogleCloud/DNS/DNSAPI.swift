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
