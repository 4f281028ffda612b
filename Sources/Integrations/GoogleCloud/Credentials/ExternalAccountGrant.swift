import Domain
import Foundation
import Outbound

/// Exchanges who the bot is elsewhere for a token of Google (RFC 8693), and that for one of a service account.
struct ExternalAccountGrant: TokenGrant {
    var file: CredentialFile
    var endpoints: CloudEndpoints
    var service: TokenService
    var onSecret: @Sendable (Secret) -> Void

    func token() async throws -> AccessToken {
        // Read anew each time: the platform that the bot runs on may replace both.
        let account = try ExternalAccount(try file.json(), file.path)
        let subject = try account.subjectToken(in: try await bytes(account.source))
        onSecret(subject)
        let request = TokenService.form(
            try url(account.tokenURL, at: endpoints.sts, usual: CloudEndpoints().sts, "token_url"),
            [
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("audience", account.audience),
                ("scope", TokenService.scope),
                ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                ("subject_token_type", account.tokenType), ("subject_token", subject.reveal()),
            ])
        let exchanged = try await service.token(request, "Google's token exchange")
        guard let impersonation = account.impersonationURL else { return exchanged }
        onSecret(exchanged.secret)
        return try await impersonated(
            try url(
                impersonation, at: endpoints.iamCredentials, usual: CloudEndpoints().iamCredentials,
                "service_account_impersonation_url"), exchanged.secret, account.lifetime)
    }

    private func bytes(_ source: ExternalAccount.Source) async throws -> [UInt8] {
        switch source {
        case .file(let path): return try CredentialFile(path, base: file.folder).bytes()
        case .url(let url, let headers):
            let request = HTTPRequest(url: url, headers: headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            return try await service.answer(request, "the credential_source of the workload identity").body
        }
    }

    /// iamcredentials.projects.serviceAccounts.generateAccessToken.
    private func impersonated(_ url: String, _ token: Secret, _ lifetime: Int) async throws -> AccessToken {
        let body: JSONValue = ["scope": [.string(TokenService.scope)], "lifetime": .string("\(lifetime)s")]
        let request = HTTPRequest(
            method: "POST", url: url,
            headers: [("Authorization", "Bearer \(token.reveal())"), ("Content-Type", "application/json")],
            body: body.canonicalBytes)
        let answer = try await service.json(request, "the service account of the workload identity")
        guard let text = answer["accessToken"]?.stringValue, !text.isEmpty,
            let end = answer["expireTime"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { throw GoogleFailure("Google answers without a token of the service account") }
        return AccessToken(secret: Secret(text), endsAt: end)
    }

    /// The file says where tokens are sent, so only Google's own hosts are taken from it.
    private func url(_ given: String, at endpoint: String, usual: String, _ member: String) throws -> String {
        guard let parts = URLComponents(string: given), parts.scheme == "https", let host = parts.host,
            host == "googleapis.com" || host.hasSuffix(".googleapis.com"), parts.user == nil, parts.port == nil
        else {
            throw GoogleFailure(
                "the \(member) of the workload identity is not at googleapis.com",
                hint: "make the file anew with gcloud iam workload-identity-pools create-cred-config")
        }
        return endpoint == usual ? given : endpoint + parts.percentEncodedPath
    }
}
