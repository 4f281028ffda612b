import Domain
import Foundation

/// A token for what a person's login left: a file of the type `authorized_user` (RFC 6749 §6).
struct RefreshGrant: TokenGrant {
    var clientID: String
    var clientSecret: Secret
    var refreshToken: Secret
    var endpoints: CloudEndpoints
    var service: TokenService

    init(_ json: JSONValue, _ place: String, endpoints: CloudEndpoints, service: TokenService) throws {
        guard let id = json["client_id"]?.stringValue, let secret = json["client_secret"]?.stringValue,
            let token = json["refresh_token"]?.stringValue
        else { throw GoogleFailure("\(place) lacks client_id, client_secret or refresh_token") }
        clientID = id
        clientSecret = Secret(secret)
        refreshToken = Secret(token)
        self.endpoints = endpoints
        self.service = service
    }

    func token() async throws -> AccessToken {
        let request = TokenService.form(
            endpoints.oauth + "/token",
            [
                ("grant_type", "refresh_token"), ("client_id", clientID), ("client_secret", clientSecret.reveal()),
                ("refresh_token", refreshToken.reveal()),
            ])
        do {
            return try await service.token(request, "Google's token service")
        } catch var failure as GoogleFailure {
            if failure.status == 400 { failure.hint = "log in again: gcloud auth application-default login" }
            throw failure
        }
    }
}
