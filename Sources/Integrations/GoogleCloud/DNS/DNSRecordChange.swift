import Domain

/// A change of records of Cloud DNS, all or nothing (cloud.google.com/dns/docs/reference/rest/v1/changes).
struct DNSRecordChange: Sendable {
    /// Looks at a change that Google's name servers do not answer with yet.
    static let mostLooks = 120
    static let pause = Duration.seconds(2)

    /// What is changed, for people.
    let title: String
    let zonePath: String
    let additions: [JSONValue]
    /// As they are there; Google refuses the change when they are not.
    let deletions: [JSONValue]

    var body: JSONValue {
        var body: [String: JSONValue] = [:]
        if !additions.isEmpty { body["additions"] = .array(additions) }
        if !deletions.isEmpty { body["deletions"] = .array(deletions) }
        return .object(body)
    }

    /// Makes it, and waits until the name servers have it. With an id a repetition gives the change that was made. Throws
    /// `GoogleFailure`, `ActionError` or `CancellationError`.
    func make(_ client: GoogleCloudClient, id: String? = nil, time: any TimeSource) async throws {
        let path = "\(zonePath)/changes"
        var change = try await client.send(
            GoogleCall(.dns, "POST", path, query: id.map { [.init("clientOperationId", $0)] } ?? [], body: body))
        guard let number = change["id"]?.stringValue else {
            throw ActionError("Google's answer is no change of records", mayHaveTakenEffect: true)
        }
        for _ in 0..<DNSRecordChange.mostLooks where change["status"] != "done" {
            try await time.sleep(for: DNSRecordChange.pause)
            do {
                change = try await client.find(GoogleCall(.dns, "GET", "\(path)/\(number)")) ?? change
            } catch let failure as GoogleFailure where failure.isTransient { continue }
        }
        guard change["status"] == "done" else {
            throw ActionError(
                "\(title): Google has taken the change \(number), and its name servers do not have it yet",
                retry: .later(afterMilliseconds: 60_000), mayHaveTakenEffect: true)
        }
    }
}
