import Domain

/// Makes one record set of Cloud DNS what the inputs say, by one change that replaces what is there.
struct DNSRecordAction: RepeatableAction, Plannable {
    /// Tries when somebody else changes it meanwhile.
    static let mostRounds = 10

    private let record: DNSRecordWish
    private let cloud: CloudConnection

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.dns-record-ensure",
            "Makes a record set of a zone of Cloud DNS, or changes its values; waits until the name servers have it",
            effect: .changes,
            outputs: [
                .init("name", .text(nil), "The whole name, with the dot at its end"),
                .init("values", .list(.text(nil)), "Its values"),
                .init("changed", .flag, "False when it was as wanted already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { DNSRecordAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        record = DNSRecordWish(&input)
        self.cloud = cloud
    }

    /// What has to be done.
    private enum Verdict {
        case asWanted
        case create
        case replace(JSONValue)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("\(record.title) cannot be read") { client in
            switch try await verdict(client, context) {
            case .asWanted: ActionPlan(changes: [])
            case .create: ActionPlan(changes: ["\(record.title): create with \(record.shown)"])
            case .replace(let there): ActionPlan(changes: record.lines(there).map { "\(record.title): \($0)" })
            }
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("\(record.title) is not as wanted", changes: true) { client in
            for round in 0..<DNSRecordAction.mostRounds {
                let (deletions, line): ([JSONValue], String)
                switch try await verdict(client, context) {
                case .asWanted: return outputs(round == 0 ? nil : "is as wanted")
                case .create: (deletions, line) = ([], "created with \(record.shown)")
                case .replace(let there): (deletions, line) = ([there], record.lines(there).joined(separator: ", "))
                }
                // Before the change: a crash between the two leaves a record that is known as ours.
                try await context.kept.set(record.key(client), ["pool": .string(record.pool)])
                context.progress("\(record.title): \(line)")
                do {
                    try await change(client, deleting: deletions, context)
                    return outputs(line)
                } catch let failure as GoogleFailure where failure.isOutdated || failure.isAlreadyThere {
                    // Changed by somebody meanwhile: what is there now decides.
                    try await context.time.sleep(for: .milliseconds(200 * (round + 1)))
                }
            }
            throw ActionError(
                "\(record.title) is changed by somebody else again and again",
                retry: .later(afterMilliseconds: 60_000), mayHaveTakenEffect: false)
        }
    }

    private func outputs(_ done: String?) -> JSONValue {
        [
            "name": .string(record.name), "values": Field.strings(record.values), "changed": .bool(done != nil),
            "summary": .string("\(record.title) \(done ?? "is as wanted")"),
        ]
    }

    private func verdict(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Verdict {
        guard !record.values.isEmpty else { throw ActionError("\(record.title) is to have no value") }
        let call = GoogleCall(
            .dns, "GET", "\(record.zonePath(client))/rrsets",
            query: [.init("name", record.name), .init("type", record.type.rawValue)])
        guard let there = try await client.list(call, member: "rrsets").first else { return .create }
        guard !record.isSame(there) else { return .asWanted }
        let lines = record.lines(there)
        guard there["routingPolicy"] == nil else {
            throw ActionError(
                "\(record.title) has a routing policy, which this action does not know",
                hint: "change it in Google's console")
        }
        let kept = try await context.kept.value(record.key(client))?.value?["pool"]?.stringValue
        guard kept == record.pool || record.adopts else {
            throw EnsureRun.foreign(record.title, kept, lines)
        }
        return .replace(there)
    }

    /// One change, known again by its id.
    private func change(
        _ client: GoogleCloudClient, deleting deletions: [JSONValue], _ context: ActionContext
    ) async throws {
        let change = DNSRecordChange(
            title: record.title, zonePath: record.zonePath(client), additions: [record.json],
            deletions: deletions.map(DNSRecordWish.plain))
        let words = change.body.canonicalText
        let id = RequestID.derived(from: context.idempotencyKey, "dns \(change.zonePath) \(words)")
        try await change.make(client, id: id, time: context.time)
    }
}
