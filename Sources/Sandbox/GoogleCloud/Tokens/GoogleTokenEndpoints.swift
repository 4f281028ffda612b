import Domain
import Foundation

/// Where tokens come from: OAuth 2 (developers.google.com/identity/protocols/oauth2/service-account), the Security Token
/// Service (cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token) and the credentials API of IAM.
struct GoogleTokenEndpoints: Sendable {
    /// What an OAuth endpoint answers when it gives nothing (RFC 6749 §5.2).
    struct Refusal: Error {
        var status = 400
        var error: String
        var description: String
    }

    let tokens: GoogleTokens
    let configuration: GoogleCloudStandIn.Configuration
    let time: any TimeSource

    /// The id of the method that a request asks for; nil when it is none of these.
    func methodID(_ request: SandboxRequest) -> String? {
        guard request.method == "POST" else { return nil }
        if request.path == "/token" { return "oauth2.token" }
        if request.path == "/v1/token" { return "sts.token" }
        return account(request) == nil ? nil : "iamcredentials.projects.serviceAccounts.generateAccessToken"
    }

    /// Answers a request for a token; nil when it is none.
    func answer(_ request: SandboxRequest) -> SandboxAnswer? {
        switch methodID(request) {
        case nil: return nil
        case "oauth2.token": return refusing { try oauth(request) }
        case "sts.token": return refusing { try exchange(request) }
        default: return impersonate(request)
        }
    }

    private func refusing(_ body: () throws -> SandboxAnswer) -> SandboxAnswer {
        do {
            return try body()
        } catch let refusal as Refusal {
            return .json(
                refusal.status,
                ["error": .string(refusal.error), "error_description": .string(refusal.description)])
        } catch {
            return .json(400, ["error": "invalid_request", "error_description": .string("\(error)")])
        }
    }

    private func fields(_ request: SandboxRequest) -> [String: String] {
        Dictionary(
            FormCoding.decode(String(decoding: request.body, as: UTF8.self)).map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    private func oauth(_ request: SandboxRequest) throws -> SandboxAnswer {
        let fields = fields(request)
        switch fields["grant_type"] {
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            let endpoints = ["https://oauth2.googleapis.com/token", "http://\(request.host)/token"]
            let check = GoogleAssertion(accounts: configuration.accounts, endpoints: endpoints, now: time.now)
            let account = try check.account(of: fields["assertion"] ?? "")
            return given(account.email, account.permissions)
        case "refresh_token":
            let user = configuration.users.first { $0.clientID == fields["client_id"] }
            guard let user, Secret(fields["client_secret"] ?? "") == user.clientSecret else {
                throw Refusal(status: 401, error: "invalid_client", description: "The OAuth client was not found.")
            }
            guard Secret(fields["refresh_token"] ?? "") == user.refreshToken else {
                throw Refusal(error: "invalid_grant", description: "Token has been expired or revoked.")
            }
            return given(user.email, user.permissions)
        default:
            throw Refusal(
                error: "unsupported_grant_type", description: "Invalid grant_type: \(fields["grant_type"] ?? "")")
        }
    }

    private func given(_ principal: String, _ permissions: Set<String>?) -> SandboxAnswer {
        let issued = tokens.issue(principal, permissions)
        return .json(
            200,
            [
                "access_token": .string(issued.token), "expires_in": .int(Int64(issued.seconds)),
                "token_type": "Bearer",
            ])
    }

    /// A foreign token for one of Google's. As a form it has `subject_token`, as JSON `subjectToken`.
    private func exchange(_ request: SandboxRequest) throws -> SandboxAnswer {
        var fields = fields(request)
        if request.mediaType == "application/json" {
            // What is no JSON has no fields.
            let members = (try? JSONValue(parsing: request.body))?.objectValue ?? [:]
            fields = [:]
            for (name, value) in members { fields[GoogleTokenEndpoints.snake(name)] = value.plainText }
        }
        guard fields["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange" else {
            throw Refusal(error: "invalid_request", description: "Invalid grant type: \(fields["grant_type"] ?? "")")
        }
        guard fields["requested_token_type"] == "urn:ietf:params:oauth:token-type:access_token" else {
            throw Refusal(error: "invalid_request", description: "Invalid requested token type.")
        }
        guard fields["subject_token_type"]?.hasPrefix("urn:ietf:params:") == true else {
            throw Refusal(error: "invalid_request", description: "Invalid subject token type.")
        }
        guard fields["scope"]?.isEmpty == false else {
            throw Refusal(error: "invalid_request", description: "Missing scope.")
        }
        guard let federation = configuration.federations.first(where: { $0.audience == fields["audience"] }) else {
            throw Refusal(
                error: "invalid_target",
                description:
                    "The target service indicated by the \"audience\" parameters is invalid. This might either be "
                    + "because the pool or provider is disabled or deleted or because it doesn't exist.")
        }
        let token = Secret(fields["subject_token"] ?? "")
        guard let subject = federation.subjects.first(where: { $0.token == token }) else {
            throw Refusal(
                error: "invalid_grant", description: "The given credential is rejected by the attribute condition.")
        }
        let issued = tokens.issue(subject.principal, federation.permissions)
        return .json(
            200,
            [
                "access_token": .string(issued.token), "expires_in": .int(Int64(issued.seconds)),
                "token_type": "Bearer", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            ])
    }

    private static func snake(_ name: String) -> String {
        name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }

    /// The account of `/v1/projects/-/serviceAccounts/EMAIL:generateAccessToken`.
    private func account(_ request: SandboxRequest) -> String? {
        let parts = request.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        guard parts.count == 5, parts[0] == "v1", parts[1] == "projects", parts[3] == "serviceAccounts",
            parts[4].hasSuffix(":generateAccessToken")
        else { return nil }
        return String(parts[4].dropLast(":generateAccessToken".count))
    }

    private func impersonate(_ request: SandboxRequest) -> SandboxAnswer {
        guard let token = request.bearerToken, let grant = tokens.grant(of: token) else {
            return GoogleError.unauthenticated.answer(.status)
        }
        let email = account(request) ?? ""
        guard let account = configuration.accounts.first(where: { $0.email == email }),
            account.impersonators.contains(grant.principal)
        else {
            return GoogleError.denied(
                "iam.serviceAccounts.getAccessToken", on: "projects/-/serviceAccounts/\(email)"
            ).answer(.status)
        }
        // What is no JSON asks for no scope.
        let body = try? JSONValue(parsing: request.body)
        guard let scopes = body?["scope"]?.arrayValue, !scopes.isEmpty else {
            return GoogleError(400, "invalid", "Request contains an invalid argument: scope is missing.").answer(
                .status)
        }
        let asked = body?["lifetime"]?.stringValue ?? "3600s"
        guard asked.hasSuffix("s"), let seconds = Int(asked.dropLast()), (1...3600).contains(seconds) else {
            return GoogleError(400, "invalid", "The lifetime must be from 1s to 3600s.").answer(.status)
        }
        let issued = tokens.issue(email, account.permissions, life: .seconds(seconds))
        let until = Date(timeIntervalSince1970: issued.until.timeIntervalSince1970.rounded(.down))
        return .json(
            200, ["accessToken": .string(issued.token), "expireTime": .string(until.rfc3339.dropLast(8) + "Z")])
    }
}
