import Domain
import Foundation
import Outbound

/// The token of the machine's own service account (cloud.google.com/compute/docs/access/authenticate-workloads).
struct MetadataGrant: TokenGrant {
    var endpoints: CloudEndpoints
    var service: TokenService

    func token() async throws -> AccessToken {
        let request = HTTPRequest(
            url: endpoints.metadata + "/computeMetadata/v1/instance/service-accounts/default/token",
            headers: [("Metadata-Flavor", "Google")])
        do {
            return try await service.token(request, "the metadata server")
        } catch var failure as GoogleFailure {
            if failure.status == nil {
                failure.hint = "it is there on machines of Google only; elsewhere give other google_cloud.credentials"
            } else if failure.status == 404 {
                failure.hint = "give the machine a service account"
            }
            throw failure
        }
    }
}
