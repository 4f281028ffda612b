package import Domain
import Foundation
package import Outbound

/// Speaks to Hetzner's Cloud API for one project.
package final class HetznerClient: Sendable {
    /// One call, from its start to the last byte.
    static let patience = Duration.seconds(60)
    /// What an answer may take, in bytes.
    static let largestAnswer = 16 * 1024 * 1024
    /// Items of one page; Hetzner gives no more.
    static let pageSize = 50
    /// Pages of one list.
    static let mostPages = 100

    /// What the settings say of the project.
    package let settings: HetznerSettings
    /// Where the secrets are that servers and certificates are made with.
    let secrets: any SecretSource
    let time: any TimeSource
    private let token: Secret
    private let session: HTTPSession
    private let limit = RateLimit()

    /// Throws `MissingSecret`.
    package init(
        _ settings: HetznerSettings, secrets: any SecretSource, session: HTTPSession, time: any TimeSource
    ) throws(MissingSecret) {
        guard let reference = settings.token else { throw MissingSecret("hetzner has no token") }
        self.settings = settings
        self.secrets = secrets
        self.session = session
        self.time = time
        token = try secrets.secret(reference)
    }

    /// Makes a call. Throws `HetznerFailure` for every answer but 2xx, or `CancellationError`.
    package func send(_ call: HetznerCall) async throws -> JSONValue {
        let wait = try limit.wait(time.now)
        if wait > .zero { try await time.sleep(for: wait) }
        var headers = [("Accept", "application/json"), ("User-Agent", "defimon")]
        headers.append(("Authorization", "Bearer \(token.reveal())"))
        if call.body != nil { headers.append(("Content-Type", "application/json")) }
        let request = HTTPRequest(
            method: call.method, url: call.url(settings.endpoint), headers: headers, body: call.body?.canonicalBytes)
        let response: HTTPResponse
        do {
            response = try await session.send(
                request, maxBody: HetznerClient.largestAnswer, timeout: HetznerClient.patience)
        } catch let error as HTTPError {
            throw HetznerFailure.unreachable(error)
        }
        limit.learn(response.headers, now: time.now)
        guard (200...299).contains(response.status) else { throw HetznerFailure(response, now: time.now) }
        guard !response.body.isEmpty else { return [:] }
        do { return try JSONValue(parsing: response.body) } catch {
            var failure = HetznerFailure("Hetzner's answer is no JSON")
            failure.mayHaveTakenEffect = true
            throw failure
        }
    }

    /// What is there, nil when it is not. Throws as `send` does.
    package func find(_ call: HetznerCall) async throws -> JSONValue? {
        do { return try await send(call) } catch let failure as HetznerFailure where failure.isNotFound { return nil }
    }

    /// All things of a collection such as `load_balancers`, page by page. Throws as `send` does, and when there are more
    /// than `mostPages`.
    package func list(_ path: String, member: String? = nil, _ query: [HetznerCall.Parameter] = []) async throws
        -> [JSONValue]
    {
        var items: [JSONValue] = []
        var page = 1
        for _ in 0..<HetznerClient.mostPages {
            let paging = [
                HetznerCall.Parameter("page", String(page)), .init("per_page", String(HetznerClient.pageSize)),
            ]
            let answer = try await send(HetznerCall("GET", path, query: query + paging))
            items += answer[member ?? path]?.arrayValue ?? []
            guard let next = answer["meta"]?["pagination"]?["next_page"]?.intValue, next > page else { return items }
            page = next
        }
        throw HetznerFailure("the list has more than \(HetznerClient.mostPages) pages", hint: "ask for less of it")
    }

    /// The thing of that name, nil when there is none: names are unique within a collection. Throws as `send` does.
    package func named(_ name: String, in collection: String) async throws -> JSONValue? {
        try await list(collection, [.init("name", name)]).first { $0["name"]?.stringValue == name }
    }
}
