package import Domain
import Foundation
package import Outbound

/// Speaks to Google Cloud's REST APIs as one account.
package final class GoogleCloudClient: Sendable {
    /// One call, from its start to the last byte.
    static let patience = Duration.seconds(60)
    /// What an answer may take, in bytes.
    static let largestAnswer = 16 * 1024 * 1024
    /// Pages of one list.
    static let mostPages = 200

    package let settings: GoogleCloudSettings
    let time: any TimeSource
    private let session: HTTPSession
    private let tokens: AccessTokens

    package var defaults: CloudDefaults { settings.defaults }
    package var project: String { settings.defaults.project }

    /// `environment` says where application-default credentials are; relative paths of the settings start in `base`;
    /// `onSecret` is told every token, so that the redactor knows it. Throws `MissingSecret`.
    package init(
        _ settings: GoogleCloudSettings, secrets: any SecretSource, session: HTTPSession, time: any TimeSource,
        base: String, environment: [String: String], onSecret: @escaping @Sendable (Secret) -> Void
    ) throws(MissingSecret) {
        self.settings = settings
        self.session = session
        self.time = time
        let service = TokenService(session: session, time: time)
        let endpoints = settings.endpoints
        let grant: any TokenGrant
        switch settings.credentials {
        case .serviceAccount(let reference)?:
            let secret = try secrets.secret(reference)
            grant = ServiceAccountGrant(
                json: { secret }, place: "\(reference)", endpoints: endpoints, service: service, onSecret: onSecret)
        case .metadata?: grant = MetadataGrant(endpoints: endpoints, service: service)
        case .workloadIdentity(let file)?:
            grant = ExternalAccountGrant(
                file: CredentialFile(file, base: base), endpoints: endpoints, service: service, onSecret: onSecret)
        case .applicationDefault?:
            grant = ApplicationDefault(
                environment: environment, endpoints: endpoints, service: service, onSecret: onSecret)
        case nil: throw MissingSecret("google_cloud has no credentials")
        }
        tokens = AccessTokens(grant, time: time, onSecret: onSecret)
    }

    /// The token of the moment, for a system that takes Google's: the API server of a cluster. Throws `GoogleFailure`
    /// or `CancellationError`.
    package func accessToken() async throws -> Secret { try await tokens.token() }

    /// Another system does not take this token; the next one is a new one.
    package func forget(_ token: Secret) async { tokens.forget(token) }

    /// Makes a call. Throws `GoogleFailure` for every answer but 2xx, or `CancellationError`.
    package func send(_ call: GoogleCall) async throws -> JSONValue {
        let token = try await tokens.token()
        do {
            return try await exchange(call, token)
        } catch let failure as GoogleFailure {
            // A token that was taken back: nothing was done, and another one may be had.
            guard failure.status == 401 else { throw failure }
            tokens.forget(token)
        }
        return try await exchange(call, try await tokens.token())
    }

    /// What is there, nil when it is not. Throws as `send` does.
    package func find(_ call: GoogleCall) async throws -> JSONValue? {
        do { return try await send(call) } catch let failure as GoogleFailure {
            // Without the permission to see it, it is not said to be missing.
            guard failure.isNotFound, GoogleErrorDetails.permission(in: failure.message) == nil else { throw failure }
            return nil
        }
    }

    /// All items of a list, page by page: the member `items`, or the one that is named. Throws as `pages` does.
    package func list(_ call: GoogleCall, member: String = "items") async throws -> [JSONValue] {
        try await pages(call).flatMap { $0[member]?.arrayValue ?? [] }
    }

    /// All pages of a list. Throws as `send` does, and when there are more than `mostPages`.
    package func pages(_ call: GoogleCall) async throws -> [JSONValue] {
        var pages: [JSONValue] = []
        var token: String?
        while pages.count < GoogleCloudClient.mostPages {
            var next = call
            if let token { next.query.append(.init("pageToken", token)) }
            let page = try await send(next)
            pages.append(page)
            guard let following = page["nextPageToken"]?.stringValue, !following.isEmpty else { return pages }
            token = following
        }
        throw GoogleFailure("the list has more than \(GoogleCloudClient.mostPages) pages", hint: "ask for less of it")
    }

    private func exchange(_ call: GoogleCall, _ token: Secret) async throws -> JSONValue {
        var headers = [("Accept", "application/json"), ("User-Agent", "defimon")]
        headers.append(("Authorization", "Bearer \(token.reveal())"))
        if call.body != nil { headers.append(("Content-Type", "application/json")) }
        let request = HTTPRequest(
            method: call.method, url: call.url(settings.endpoints), headers: headers, body: call.body?.canonicalBytes)
        let response: HTTPResponse
        do {
            response = try await session.send(
                request, maxBody: GoogleCloudClient.largestAnswer, timeout: GoogleCloudClient.patience)
        } catch let error as HTTPError {
            throw GoogleFailure.unreachable(error)
        }
        guard (200...299).contains(response.status) else { throw GoogleFailure(response, now: time.now) }
        guard !response.body.isEmpty else { return [:] }
        do { return try JSONValue(parsing: response.body) } catch {
            var failure = GoogleFailure("Google's answer is no JSON")
            failure.mayHaveTakenEffect = true
            throw failure
        }
    }
}
