import Domain
import Foundation
import Outbound

/// Speaks to one API server by REST paths.
package struct KubernetesClient: Sendable {
    /// The owner of fields that the bot applies.
    static let fieldManager = "defimon"
    /// The largest answer, in bytes.
    static let largestAnswer = 64 * 1024 * 1024

    /// The cluster's name in the settings.
    package let cluster: String
    let discovery = Discovery()
    private let pace = RequestPace()
    private let link: ClusterLink
    private let credentials: CredentialSource

    init(
        cluster: String, access: ClusterAccess, environment: [String: String] = [:], clock: ClockCheck? = nil,
        onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
    ) throws(ClusterAccessError) {
        self.cluster = cluster
        credentials = CredentialSource(access.credential, environment: environment, onSecret: onSecret)
        link = ClusterLink(try ClusterLink.Open(access, clock: clock))
    }

    /// For a cluster that a provider runs: it says where it is when it is first needed.
    init(cluster: String, hosted: HostedCluster, by provider: any HostedClusters, clock: ClockCheck? = nil) {
        self.cluster = cluster
        credentials = CredentialSource(.hosted, provider: provider, onSecret: { _ in })
        link = ClusterLink(hosted, of: provider, clock: clock)
    }

    /// Ends all connections. Called once, when nobody uses the client any more.
    package func shutdown() async { await link.shutdown() }

    /// Sends a request and returns the answer of a 2xx status. Throws `KubernetesError`.
    func send(
        _ method: String, _ path: String, query: [(String, String)] = [], body: JSONValue? = nil,
        contentType: String = "application/json", accept: String = "application/json"
    ) async throws -> HTTPResponse {
        do {
            let open = try await connections()
            let response = try await withToken { token in
                try await open.requests.send(
                    request(open.base, method, path, query, body, contentType, accept, token),
                    maxBody: KubernetesClient.largestAnswer)
            } status: {
                $0.status
            }
            guard (200..<300).contains(response.status) else { throw KubernetesError(response, now: Date()) }
            return response
        } catch let error as HTTPError {
            if error.kind == .notSent { await link.isUnreachable() }
            throw KubernetesError(error)
        }
    }

    /// As `send`, with a JSON answer.
    func json(
        _ method: String, _ path: String, query: [(String, String)] = [], body: JSONValue? = nil,
        contentType: String = "application/json", accept: String = "application/json"
    ) async throws -> JSONValue {
        let response = try await send(method, path, query: query, body: body, contentType: contentType, accept: accept)
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw KubernetesError(status: response.status, reason: "", message: "the answer is not JSON")
        }
    }

    /// Opens a watch, or a log that is followed; its lines are still to come. Throws `KubernetesError` for every status
    /// but 200.
    func open(_ path: String, query: [(String, String)], accept: String = "application/json") async throws
        -> HTTPBodyParts
    {
        do {
            let open = try await connections()
            let stream = try await withToken { token in
                try await open.watches.stream(
                    request(open.base, "GET", path, query, nil, "application/json", accept, token))
            } status: {
                $0.status
            }
            guard stream.status == 200 else {
                throw KubernetesError(
                    HTTPResponse(
                        status: stream.status, headers: stream.headers, body: await start(of: stream.body)),
                    now: Date())
            }
            return stream.body
        } catch let error as HTTPError {
            throw KubernetesError(error)
        }
    }

    /// The first bytes of an error's body; what could not be read is missed by nobody.
    private func start(of parts: HTTPBodyParts) async -> [UInt8] {
        var body: [UInt8] = []
        do {
            for try await part in parts {
                body += part
                if body.count >= 65_536 { break }
            }
        } catch {
            return body  // the status alone decides
        }
        return body
    }

    /// Sends with the token that holds now; once more when the server does not take it and another can be had.
    private func withToken<Answer>(
        _ send: (Secret?) async throws -> Answer, status: (Answer) -> Int
    ) async throws -> Answer {
        try await pace.turn()
        let token = try await self.token()
        let answer = try await send(token)
        guard status(answer) == 401, let token, await credentials.isRefused(token) else { return answer }
        return try await send(try await self.token())
    }

    private func token() async throws -> Secret? {
        do { return try await credentials.token() } catch let error as ClusterAccessError { throw notSent(error) }
    }

    private func connections() async throws -> ClusterLink.Open {
        do { return try await link.open() } catch let error as ClusterAccessError { throw notSent(error) }
    }

    private func notSent(_ error: ClusterAccessError) -> KubernetesError {
        let hint = error.hint.map { " (\($0))" } ?? ""
        var refused =
            link.isHosted
            ? KubernetesError(status: 0, reason: KubernetesError.providerReason, message: error.message + hint)
            : KubernetesError(status: 0, reason: KubernetesError.credentialReason, message: error.message)
        refused.mayHaveBeenSent = false
        return refused
    }

    private func request(
        _ base: String, _ method: String, _ path: String, _ query: [(String, String)], _ body: JSONValue?,
        _ contentType: String,
        _ accept: String, _ token: Secret?
    ) -> HTTPRequest {
        var url = base + path
        if !query.isEmpty {
            url += "?" + query.map { "\($0.0)=\(ResourceType.escaped($0.1))" }.joined(separator: "&")
        }
        var headers = [("Accept", accept), ("User-Agent", "defimon")]
        if let token { headers.append(("Authorization", "Bearer \(token.reveal())")) }
        if body != nil { headers.append(("Content-Type", contentType)) }
        return HTTPRequest(method: method, url: url, headers: headers, body: body?.canonicalBytes)
    }
}
