import Domain
import Foundation
import Outbound

/// A token for a signed assertion (RFC 7523 §2.1).
struct ServiceAccountGrant: TokenGrant {
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    /// The JSON key as it is now.
    var json: @Sendable () throws -> Secret
    /// Where it is, for people.
    var place: String
    var endpoints: CloudEndpoints
    var service: TokenService
    var onSecret: @Sendable (Secret) -> Void

    func token() async throws -> AccessToken {
        let key = try ServiceAccountKey(try json().reveal(), place)
        onSecret(key.privateKey)
        let assertion = try await key.assertion(now: service.time.now)
        let url = endpoints.oauth == CloudEndpoints().oauth ? key.tokenURL : endpoints.oauth + "/token"
        let request = TokenService.form(
            url, [("grant_type", ServiceAccountGrant.grantType), ("assertion", assertion.reveal())])
        return try await service.token(request, "Google's token service")
    }
}
