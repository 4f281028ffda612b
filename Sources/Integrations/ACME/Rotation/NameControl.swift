import Domain
import Foundation

/// Proves to the CA that the names of an order are ours (RFC 8555 §8), and takes away what that needed.
struct NameControl: Sendable {
    /// Records that are set at the same time.
    static let atOnce = 4

    let keeper: CertificateKeeper
    let wish: CertificateWish
    let context: ActionContext
    let client: ACMEClient
    private let open = OpenProofs()

    init(keeper: CertificateKeeper, wish: CertificateWish, context: ActionContext, client: ACMEClient) {
        self.keeper = keeper
        self.wish = wish
        self.context = context
        self.client = client
    }

    /// Answers and routes that this run has put up.
    private actor OpenProofs {
        var tokens: [String] = []
        var hosts: [String] = []

        func add(token: String) { tokens.append(token) }
        func add(host: String) { if !hosts.contains(host) { hosts.append(host) } }
    }

    private struct Task: Sendable {
        var name: String
        var challenge: ACMEChallenge
    }

    /// Returns when everything is in place and the CA was told to look. Throws `ActionError`, `ACMEError`.
    func prove(_ order: ACMEOrder, _ record: inout CertificateRecord) async throws {
        var tasks: [Task] = []
        for url in order.authorizations {
            let authorization = try await client.authorization(url)
            guard authorization.status == .pending else { continue }
            tasks.append(Task(name: authorization.name, challenge: try challenge(of: authorization)))
        }
        switch wish.proof {
        case .http(let route): try await answer(tasks, route)
        case .dns(let provider): try await place(tasks, provider, &record)
        }
        for task in tasks where task.challenge.status == .pending { try await client.begin(task.challenge) }
    }

    private func challenge(of authorization: ACMEAuthorization) throws(ActionError) -> ACMEChallenge {
        let type =
            switch wish.proof {
            case .http: "http-01"
            case .dns: "dns-01"
            }
        guard let challenge = authorization.challenges.first(where: { $0.type == type }) else {
            let offered = authorization.challenges.map(\.type).joined(separator: ", ")
            throw ActionError(
                "the CA takes no proof by \(wish.proof.words) for \(authorization.name)",
                hint: "it offers \(offered.isEmpty ? "none" : offered)")
        }
        return challenge
    }

    private func answer(_ tasks: [Task], _ route: (any ChallengeRoute)?) async throws {
        for task in tasks {
            guard keeper.answers.put(client.key.keyAuthorization(task.challenge.token), for: task.challenge.token)
            else {
                throw ActionError(
                    "the bot answers \(ChallengeAnswers.most) proofs at a time already",
                    retry: .later(afterMilliseconds: 60_000))
            }
            await open.add(token: task.challenge.token)
            guard let route else { continue }
            await open.add(host: task.name)
            context.progress("\(wish.name): leads \(task.name) to the bot by \(route.title)")
            try await route.open(for: task.name, context)
        }
    }

    private func place(_ tasks: [Task], _ provider: String, _ record: inout CertificateRecord) async throws {
        guard let texts = keeper.zones[provider] else {
            throw ActionError("the settings have no '\(provider)' for the records of \(wish.name)")
        }
        let proof = DNSProof(texts: texts, lookup: keeper.lookup)
        var spots: [DNSProof.Placed] = []
        for task in tasks {
            spots.append(try await proof.spot(client.key.dnsValue(task.challenge.token), for: task.name, context))
        }
        // Before they are set: what a crash leaves is taken away by the next run.
        record.placed += spots.filter { !record.placed.contains($0) }
        try await record.keep(wish.name, context.kept)
        _ = try await Parallel.values(spots, atOnce: NameControl.atOnce) { spot in
            try await proof.place(spot, limit: keeper.settings.propagation, context)
        }
    }

    /// Takes everything away again. What cannot be is kept in the record, and tried again by the next run.
    func clean(_ record: inout CertificateRecord) async {
        for token in await open.tokens { keeper.answers.remove(token) }
        if case .http(let route?) = wish.proof {
            // What stays is found by the next proof, which opens and closes the same one.
            for host in await open.hosts { try? await route.close(for: host, context) }
        }
        await NameControl.removeRecords(&record, keeper, wish, context)
    }

    /// Takes away the DNS records that are kept in the record.
    static func removeRecords(
        _ record: inout CertificateRecord, _ keeper: CertificateKeeper, _ wish: CertificateWish,
        _ context: ActionContext
    ) async {
        guard !record.placed.isEmpty, case .dns(let provider) = wish.proof, let texts = keeper.zones[provider] else {
            return
        }
        let proof = DNSProof(texts: texts, lookup: keeper.lookup)
        var left: [DNSProof.Placed] = []
        for placed in record.placed {
            do { try await proof.remove(placed, context) } catch { left.append(placed) }
        }
        record.placed = left
    }
}
