package import Domain

/// TXT records in the DNS zones of Hetzner (docs.hetzner.cloud, Zone RRSets).
package struct HetznerTexts: DNSTexts {
    /// Looks at a set that others change too.
    static let mostRounds = 10
    /// How long others may remember a value; Hetzner takes no less.
    static let ttl = 60

    private let cloud: HetznerConnection

    package init(_ cloud: HetznerConnection) { self.cloud = cloud }

    package var title: String { "Hetzner DNS" }

    package func zone(of name: String, _ context: ActionContext) async throws(ActionError) -> DNSZone? {
        try await attempt("the zones of Hetzner DNS cannot be read", changes: false) { client in
            try await client.list("zones").compactMap { zone -> DNSZone? in
                // Zones that Hetzner copies from elsewhere cannot be changed here.
                guard zone["mode"] == "primary", let domain = zone["name"]?.stringValue, let id = zone["id"]?.intValue,
                    name == domain || name.hasSuffix("." + domain)
                else { return nil }
                return DNSZone(domain: domain, id: String(id))
            }.max { $0.domain.count < $1.domain.count }
        }
    }

    package func add(
        _ value: String, to name: String, in zone: DNSZone, _ context: ActionContext
    ) async throws(ActionError) {
        let written = HetznerTexts.written(value)
        try await untilSo("the TXT record of \(name) is not set at Hetzner", name, zone, context) { there in
            let records = there?["records"]?.arrayValue ?? []
            guard !records.contains(where: { $0["value"] == written }) else { return nil }
            var body: [String: JSONValue] = ["records": [["value": written, "comment": "defimon"]]]
            // Where the set is there, its own is the only one that is taken.
            switch there?["ttl"] {
            case nil: body["ttl"] = .int(Int64(HetznerTexts.ttl))
            case .null?: break
            case let ttl?: body["ttl"] = ttl
            }
            return ("add_records", .object(body))
        }
    }

    package func remove(
        _ value: String, from name: String, in zone: DNSZone, _ context: ActionContext
    ) async throws(ActionError) {
        let written = HetznerTexts.written(value)
        try await untilSo("the TXT record of \(name) is not removed at Hetzner", name, zone, context) { there in
            let records = there?["records"]?.arrayValue ?? []
            guard records.contains(where: { $0["value"] == written }) else { return nil }
            return ("remove_records", ["records": [["value": written]]])
        }
    }

    /// Looks, and makes the change that `change` names, until it names none: others may change the set at the same moment.
    private func untilSo(
        _ doing: String, _ name: String, _ zone: DNSZone, _ context: ActionContext,
        _ change: @Sendable (JSONValue?) -> (action: String, body: JSONValue)?
    ) async throws(ActionError) {
        let path = "zones/\(zone.id)/rrsets/\(HetznerTexts.relative(name, zone))/TXT"
        try await attempt(doing, changes: true) { client in
            for round in 1...HetznerTexts.mostRounds {
                let there = try await client.find(HetznerCall("GET", path))?["rrset"]
                guard let change = change(there) else { return }
                do {
                    let answer = try await client.send(.action(change.action, of: path, change.body))
                    try await client.finish(HetznerOperation.all(in: answer), time: context.time)
                } catch let failure as HetznerFailure where HetznerTexts.isOutdated(failure) {
                    try await context.time.sleep(for: .milliseconds(500 * round))
                }
            }
            guard change(try await client.find(HetznerCall("GET", path))?["rrset"]) != nil else { return }
            throw ActionError(
                "\(doing): others change it again and again", retry: .later(afterMilliseconds: 60_000),
                mayHaveTakenEffect: true)
        }
    }

    /// Somebody else is at it, or has done the same or taken the set away meanwhile: what is there now decides.
    private static func isOutdated(_ failure: HetznerFailure) -> Bool {
        failure.isBusy || failure.isAlreadyThere || failure.isNotFound || failure.code == "invalid_input"
    }

    private func attempt<Value: Sendable>(
        _ doing: String, changes: Bool, _ body: (HetznerClient) async throws -> Value
    ) async throws(ActionError) -> Value {
        do { return try await cloud.attempt(doing, changes: changes, body) } catch let error as ActionError {
            throw error
        } catch {
            throw ActionError(
                "\(doing): it was broken off", retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: changes)
        }
    }

    /// Texts stand in quotes.
    private static func written(_ value: String) -> JSONValue {
        .string("\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"")
    }

    /// Below the zone, as Hetzner names it.
    private static func relative(_ name: String, _ zone: DNSZone) -> String {
        name == zone.domain ? "@" : String(name.dropLast(zone.domain.count + 1))
    }
}
