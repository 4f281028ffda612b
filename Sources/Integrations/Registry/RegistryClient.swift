import Domain
import Foundation
import Outbound

/// Looks for images in one registry (opencontainers/distribution-spec, "Pulling manifests").
struct RegistryClient: Sendable {
    /// The largest manifest that is read when a registry does not say its digest, in bytes.
    static let largestManifest = 4 * 1024 * 1024
    /// Manifests of one platform and lists of them, of both makers: without all of them registries answer 404, or with
    /// another manifest's digest.
    static let mediaTypes = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
    private static let patience = Duration.seconds(20)

    private let name: String
    private let url: String
    private let credentials: RegistryCredentials?
    private let session: HTTPSession
    private let tokens: TokenService
    private let cache = AuthorizationCache()

    init(
        name: String, url: String, credentials: RegistryCredentials?, session: HTTPSession,
        onSecret: @escaping @Sendable (Secret) -> Void
    ) {
        self.name = name
        self.url = url
        self.credentials = credentials
        self.session = session
        tokens = TokenService(
            registry: name, registryURL: url, credentials: credentials, session: session, onSecret: onSecret)
    }

    /// The digest of an image; nil when it is not there (yet). Throws `ActionError`, or `CancellationError`.
    func digest(of image: ImageReference, now: Date) async throws -> String? {
        let head = try await ask("HEAD", image, now)
        switch head.status {
        case 200:
            if let told = head.headers["docker-content-digest"] { return try checked(told, image) }
        case 404: return nil
        // Few registries do not know HEAD.
        case 405: break
        default: throw refusal(head, image, now)
        }
        let manifest = try await ask("GET", image, now)
        switch manifest.status {
        case 200: return try digest(ofManifest: manifest, image)
        case 404: return nil
        default: throw refusal(manifest, image, now)
        }
    }

    private func digest(ofManifest response: HTTPResponse, _ image: ImageReference) throws(ActionError) -> String {
        let digest = "sha256:" + Hex.encode(SHA256Digest.of(response.body))
        if let told = response.headers["docker-content-digest"], told.trimmed != digest {
            throw ActionError(
                "the registry \(name) says another digest of \(image.text) than its manifest has",
                retry: .later(afterMilliseconds: nil))
        }
        return try checked(digest, image)
    }

    private func checked(_ digest: String, _ image: ImageReference) throws(ActionError) -> String {
        let digest = String(digest.trimmed)
        guard ImageReference.isDigest(digest) else {
            throw ActionError(
                "the registry \(name) answers with a digest of \(image.text) that is none",
                hint: "it must be sha256:<64 hexadecimal digits>")
        }
        guard image.digest == nil || image.digest == digest else {
            throw ActionError("the registry \(name) answers with another image than \(image.text)")
        }
        return digest
    }

    /// Asks for a manifest, and once more with what the registry wants when it wants to know who asks.
    private func ask(_ method: String, _ image: ImageReference, _ now: Date) async throws -> HTTPResponse {
        let repository = path(image)
        let known = cache.authorization(for: repository, at: now)
        let response = try await send(method, image, known)
        guard response.status == 401 else { return response }
        cache.forget(repository)
        let challenge = response.headers["www-authenticate"]
        guard let fresh = try await tokens.authorization(for: repository, challenge: challenge, now: now) else {
            return response
        }
        let second = try await send(method, image, fresh)
        if second.status != 401 { cache.remember(fresh, for: repository, at: now) }
        return second
    }

    private func send(_ method: String, _ image: ImageReference, _ authorization: RegistryAuthorization?) async throws
        -> HTTPResponse
    {
        var request = HTTPRequest(
            method: method, url: "\(url)/v2/\(path(image))/manifests/\(image.digest ?? image.tag ?? "")",
            headers: [("Accept", RegistryClient.mediaTypes.joined(separator: ", "))])
        switch authorization {
        case .bearer(let token, _): request.headers.append(("Authorization", "Bearer \(token.reveal())"))
        case .basic:
            if let credentials { request.headers.append(("Authorization", credentials.basic)) }
        case nil: break
        }
        do {
            return try await session.send(
                request, maxBody: RegistryClient.largestManifest, timeout: RegistryClient.patience)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw RegistryFailure(registry: name, repository: image.repository).unreachable(error)
        }
    }

    /// Images of `docker.io` that have no owner are in `library`.
    private func path(_ image: ImageReference) -> String {
        name == "docker.io" && !image.repository.contains("/") ? "library/\(image.repository)" : image.repository
    }

    private func refusal(_ response: HTTPResponse, _ image: ImageReference, _ now: Date) -> ActionError {
        RegistryFailure(registry: name, repository: image.repository)
            .status(response, of: "the registry \(name)", hasCredentials: credentials != nil, now: now)
    }
}
