package import Domain

/// TXT records in the zones of Cloud DNS.
package struct GoogleTexts: DNSTexts {
    /// Looks at a set that others change too.
    static let mostRounds = 10
    /// How long others may remember a value, in seconds.
    static let ttl: Int64 = 60

    private let cloud: CloudConnection

    package init(_ cloud: CloudConnection) { self.cloud = cloud }

    package var title: String { "Google Cloud DNS" }

    package func zone(of name: String, _ context: ActionContext) async throws(ActionError) -> DNSZone? {
        try await attempt("the zones of Cloud DNS cannot be read", changes: false) { client in
            let call = GoogleCall(.dns, "GET", "projects/\(client.project)/managedZones")
            return try await client.list(call, member: "managedZones").compactMap { zone -> DNSZone? in
                // Private zones are answered inside of networks only, where no certificate authority is.
                guard zone["visibility"] != "private", let id = zone["name"]?.stringValue,
                    let whole = zone["dnsName"]?.stringValue
                else { return nil }
                let domain = whole.hasSuffix(".") ? String(whole.dropLast()) : whole
                guard name == domain || name.hasSuffix("." + domain) else { return nil }
                return DNSZone(domain: domain, id: id)
            }.max { $0.domain.count < $1.domain.count }
        }
    }

    package func add(
        _ value: String, to name: String, in zone: DNSZone, _ context: ActionContext
    ) async throws(ActionError) {
        try await change("the TXT record of \(name) is not set in Cloud DNS", name, zone, context) { values in
            let isThere = values.contains { GoogleTexts.isSame($0, value) }
            return isThere ? nil : values + [.string(GoogleTexts.written(value))]
        }
    }

    package func remove(
        _ value: String, from name: String, in zone: DNSZone, _ context: ActionContext
    ) async throws(ActionError) {
        try await change("the TXT record of \(name) is not removed from Cloud DNS", name, zone, context) { values in
            let left = values.filter { !GoogleTexts.isSame($0, value) }
            return left.count == values.count ? nil : left
        }
    }

    /// Replaces the set by one with other values, until `values` has nothing to change. What is there is named in each
    /// change, so that Google refuses one that would take others' values away. A change has no id: the same may have to be
    /// made twice by one step.
    private func change(
        _ doing: String, _ name: String, _ zone: DNSZone, _ context: ActionContext,
        _ values: @Sendable ([JSONValue]) -> [JSONValue]?
    ) async throws(ActionError) {
        try await attempt(doing, changes: true) { client in
            let zonePath = "projects/\(client.project)/managedZones/\(zone.id)"
            let call = GoogleCall(
                .dns, "GET", "\(zonePath)/rrsets", query: [.init("name", "\(name)."), .init("type", "TXT")])
            for round in 1...GoogleTexts.mostRounds {
                let there = try await client.list(call, member: "rrsets").first
                guard there?["routingPolicy"] == nil else {
                    throw ActionError(
                        "\(doing): it has a routing policy, which the bot does not know",
                        hint: "remove the record in Google's console")
                }
                guard let wanted = values(there?["rrdatas"]?.arrayValue ?? []) else { return }
                let new: JSONValue = [
                    "name": .string("\(name)."), "type": "TXT", "ttl": there?["ttl"] ?? .int(GoogleTexts.ttl),
                    "rrdatas": .array(wanted),
                ]
                let change = DNSRecordChange(
                    title: doing, zonePath: zonePath, additions: wanted.isEmpty ? [] : [new],
                    deletions: there.map { [DNSRecordWish.plain($0)] } ?? [])
                do {
                    return try await change.make(client, time: context.time)
                } catch let failure as GoogleFailure
                    where failure.isOutdated || failure.isAlreadyThere || failure.isNotFound && there != nil
                {
                    // Changed by somebody meanwhile: what is there now decides.
                    try await context.time.sleep(for: .milliseconds(200 * round))
                }
            }
            throw ActionError(
                "\(doing): others change it again and again", retry: .later(afterMilliseconds: 60_000))
        }
    }

    private func attempt<Value: Sendable>(
        _ doing: String, changes: Bool, _ body: (GoogleCloudClient) async throws -> Value
    ) async throws(ActionError) -> Value {
        do { return try await cloud.attempt(doing, changes: changes, body) } catch let error as ActionError {
            throw error
        } catch {
            throw ActionError(
                "\(doing): it was broken off", retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: changes)
        }
    }

    /// Texts stand in quotes.
    private static func written(_ value: String) -> String {
        "\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// Google gives a text in quotes also when it was sent without.
    private static func isSame(_ there: JSONValue, _ value: String) -> Bool {
        there == .string(written(value)) || there == .string(value)
    }
}
