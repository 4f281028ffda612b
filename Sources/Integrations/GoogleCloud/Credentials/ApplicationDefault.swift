import Domain
import Foundation
import Outbound

/// Application-default credentials (cloud.google.com/docs/authentication/application-default-credentials): the file that
/// the environment names, or the one that gcloud left. The metadata server has a setting of its own.
struct ApplicationDefault: TokenGrant {
    /// GOOGLE_APPLICATION_CREDENTIALS, CLOUDSDK_CONFIG and HOME count.
    var environment: [String: String]
    var endpoints: CloudEndpoints
    var service: TokenService
    var onSecret: @Sendable (Secret) -> Void

    func token() async throws -> AccessToken { try await grant().token() }

    private func grant() throws -> any TokenGrant {
        let file = try file()
        let json = try file.json()
        switch json["type"]?.stringValue {
        case "authorized_user":
            let grant = try RefreshGrant(json, file.path, endpoints: endpoints, service: service)
            onSecret(grant.clientSecret)
            onSecret(grant.refreshToken)
            return grant
        case "service_account":
            let text = Secret(json.canonicalText)
            return ServiceAccountGrant(
                json: { text }, place: file.path, endpoints: endpoints, service: service, onSecret: onSecret)
        case "external_account":
            return ExternalAccountGrant(file: file, endpoints: endpoints, service: service, onSecret: onSecret)
        case let type:
            throw GoogleFailure(
                "\(file.path) is of the type \(OneLine.of(type ?? "none")), which is not known here",
                hint: "it may be authorized_user, service_account or external_account")
        }
    }

    private func file() throws -> CredentialFile {
        if let path = environment["GOOGLE_APPLICATION_CREDENTIALS"], !path.isEmpty {
            return CredentialFile(path, base: FileManager.default.currentDirectoryPath)
        }
        let name = "application_default_credentials.json"
        if let folder = environment["CLOUDSDK_CONFIG"], !folder.isEmpty { return CredentialFile(name, base: folder) }
        guard let home = environment["HOME"], !home.isEmpty else {
            throw GoogleFailure(
                "neither GOOGLE_APPLICATION_CREDENTIALS nor HOME is set, so there are no application-default credentials"
            )
        }
        return CredentialFile(".config/gcloud/" + name, base: home)
    }
}
