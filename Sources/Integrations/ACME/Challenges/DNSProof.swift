package import Domain
import Foundation

/// Proves control over a name by a TXT record (dns-01, RFC 8555 §8.4).
package struct DNSProof: Sendable {
    /// A value in the place where it must stand. It can be kept, so that it is removed after a crash too.
    package struct Placed: Sendable, Hashable, Codable {
        /// Of the TXT record: where the CNAMEs of `_acme-challenge.example.org` lead.
        package var name: String
        /// The zone that it is in: its domain, and what the provider calls it.
        package var zone: String
        package var zoneID: String
        package var value: String

        package init(name: String, zone: String, zoneID: String, value: String) {
            self.name = name
            self.zone = zone
            self.zoneID = zoneID
            self.value = value
        }
    }

    /// Between two looks at the name servers, from the first to the longest.
    static let pauses: (first: Duration, longest: Duration) = (.seconds(1), .seconds(15))

    private let texts: any DNSTexts
    private let lookup: any DNSLookup

    package init(texts: any DNSTexts, lookup: any DNSLookup) {
        self.texts = texts
        self.lookup = lookup
    }

    /// Sets the record for `name` (`example.org`, `*.example.org`), and returns when the name servers of its zone have it.
    /// Safe to be called again. Throws `ActionError`; when it takes longer than `limit` the record is removed.
    package func place(
        _ value: String, for name: String, limit: Duration, _ context: ActionContext
    ) async throws(ActionError) -> Placed {
        let placed = try await spot(value, for: name, context)
        try await place(placed, limit: limit, context)
        return placed
    }

    /// Where the value must stand; changes nothing. Throws `ActionError`, also when the provider has no such zone.
    package func spot(_ value: String, for name: String, _ context: ActionContext) async throws(ActionError) -> Placed {
        let own = "_acme-challenge." + (name.hasPrefix("*.") ? String(name.dropFirst(2)) : name).lowercased()
        let canonical = try await lookup.canonicalName(of: own)
        guard let zone = try await texts.zone(of: canonical, context) else {
            let led = canonical == own ? "" : ", where the CNAME of \(own) leads"
            throw ActionError(
                "the proof for \(name) must stand at \(canonical)\(led), and \(texts.title) has no zone for it",
                hint: "make a zone there and delegate it, or let a CNAME of \(own) lead into one that is there")
        }
        return Placed(name: canonical, zone: zone.domain, zoneID: zone.id, value: value)
    }

    /// Sets a record as `spot` has said; for the rest as `place(_:for:limit:_:)`.
    package func place(_ placed: Placed, limit: Duration, _ context: ActionContext) async throws(ActionError) {
        // Before anything is changed: without name servers nobody would see it.
        let servers = try await lookup.servers(of: placed.zone)
        let end = context.time.now.advanced(by: limit)
        try await texts.add(placed.value, to: placed.name, in: placed.inZone, context)
        var pause = DNSProof.pauses.first
        while true {
            let sight = await look(placed, servers)
            context.progress("\(sight.have) of \(servers.count) name servers of \(placed.zone) have it")
            guard !sight.isEnough else { return }
            let left = end.since(context.time.now)
            guard left > .zero else { throw await giveUp(placed, sight, limit, context) }
            do { try await context.time.sleep(for: min(pause, left)) } catch {
                // The record stays: the step that goes on finds it there.
                throw ActionError(
                    "the wait for the name servers of \(placed.zone) was broken off",
                    retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: true)
            }
            pause = min(pause * 2, DNSProof.pauses.longest)
        }
    }

    /// Takes the record away; others of the same name stay. Safe when it is not there. Throws `ActionError`.
    package func remove(_ placed: Placed, _ context: ActionContext) async throws(ActionError) {
        try await texts.remove(placed.value, from: placed.name, in: placed.inZone, context)
    }

    /// How the name servers see it.
    private struct Sight {
        var have = 0
        var lacking: [ListenAddress] = []
        /// Those that do not answer, in words.
        var silent: [String] = []

        /// Some server may be down for long; a certificate authority asks another one then.
        var isEnough: Bool { lacking.isEmpty && silent.count <= have }
    }

    private func look(_ placed: Placed, _ servers: [ListenAddress]) async -> Sight {
        await withTaskGroup(of: (ListenAddress, Result<Bool, ActionError>).self) { group in
            for server in servers {
                group.addTask {
                    do throws(ActionError) {
                        return (
                            server, .success(try await lookup.texts(of: placed.name, at: server).contains(placed.value))
                        )
                    } catch { return (server, .failure(error)) }
                }
            }
            var sight = Sight()
            for await (server, answer) in group {
                switch answer {
                case .success(true): sight.have += 1
                case .success(false): sight.lacking.append(server)
                case .failure(let error): sight.silent.append(error.message)
                }
            }
            return sight
        }
    }

    private func giveUp(
        _ placed: Placed, _ sight: Sight, _ limit: Duration, _ context: ActionContext
    ) async -> ActionError {
        var words: [String] = []
        if !sight.lacking.isEmpty {
            words.append("\(sight.lacking.map(\.description).sorted().joined(separator: ", ")) do not have it")
        }
        words += sight.silent.sorted()
        var message =
            "\(texts.title) has taken the TXT record of \(placed.name), and its name servers do not show it after "
            + "\(DurationText.human(limit)): \(words.joined(separator: "; "))"
        var isLeft = false
        do throws(ActionError) { try await remove(placed, context) } catch {
            message += "; it could not be removed either: \(error.message)"
            isLeft = true
        }
        return ActionError(
            message, retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: isLeft,
            hint: "is \(placed.zone) delegated to \(texts.title), and may the bot ask port 53?")
    }
}

extension DNSProof.Placed {
    fileprivate var inZone: DNSZone { DNSZone(domain: zone, id: zoneID) }
}
