package import Domain
import ServiceLifecycle

/// An image registry on the loopback address: the reading half of the OCI distribution API
/// (github.com/opencontainers/distribution-spec), with tokens (distribution.github.io/distribution/spec/auth/token).
package final class RegistryStandIn: Service {
    package struct Configuration: Sendable {
        /// With which the pull secret must agree.
        package var username: String
        package var password: Secret
        /// Whether images may be pulled without a secret.
        package var isPublic = false
        /// How long a token lives.
        package var tokenLife: Duration = .seconds(300)

        package init(username: String, password: Secret) {
            self.username = username
            self.password = password
        }
    }

    /// 429, 500, cut connections, slow answers.
    package let faults: SandboxFaults
    private let images: RegistryImages
    private let tokens: RegistryTokens
    private let server: SandboxServer

    package init(_ configuration: Configuration, time: any TimeSource = SystemTime()) {
        let faults = SandboxFaults(time: time)
        let images = RegistryImages(time: time)
        let tokens = RegistryTokens(configuration, time: time)
        let api = RegistryAPI(images: images, tokens: tokens)
        server = SandboxServer("registry") { request in
            images.note("\(request.method) \(request.path)")
            return try await faults.play(
                tooManyRequests: { seconds in
                    var answer = RegistryError(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.").answer
                    answer.headers.append(("Retry-After", String(seconds)))
                    return answer
                },
                internalError: { RegistryError(500, "UNKNOWN", "unknown error").answer },
                normal: { api.answer(request) })
        }
        self.faults = faults
        self.images = images
        self.tokens = tokens
    }

    /// Serves until the service group ends.
    package func run() async throws { try await server.run() }

    /// `http://127.0.0.1:PORT`, to which `/v2/` is added; waits until it listens.
    package func url() async throws -> String { try await server.url() }

    /// Counts every image that comes and goes.
    package var changes: ChangeCounter { images.changes }

    /// Requests so far: `HEAD /v2/acme/analytics-api/manifests/main`.
    package var received: [String] { images.received }

    /// Publishes an image, for two platforms, under a tag and returns its digest (`sha256:…`). A tag that is there
    /// already moves when `content` is another.
    @discardableResult
    package func publish(
        image name: String, tag: String, content: String = "", kind: RegistryMediaType = .index
    ) -> String {
        images.publish(name, tag: tag, content: content.isEmpty ? tag : content, kind: kind)
    }

    /// Takes a tag away; what it named stays, as registries do it.
    package func remove(image name: String, tag: String) { images.remove(name, tag: tag) }

    /// The digest that a tag names; nil when there is none.
    package func digest(image name: String, tag: String) -> String? { images.digest(name, tag: tag) }

    /// Tags of an image, sorted.
    package func tags(image name: String) -> [String] { images.tags(name) ?? [] }

    /// Whether every secret is refused, as after it was changed.
    package var refusesSecrets: Bool {
        get { tokens.refusesSecrets }
        set { tokens.refusesSecrets = newValue }
    }

    /// The registry's failures, for the page.
    package var failureSwitches: [SandboxFailureSwitch] {
        [
            SandboxFailureSwitch(
                id: "registry.500", system: "Registry", label: "Answers 500",
                help: "Every request fails with an internal error.",
                isOn: { [faults] in faults.isOn(.internalError) },
                set: { [faults] in $0 ? faults.internalErrors(nil) : faults.clear(.internalError) }),
            SandboxFailureSwitch(
                id: "registry.429", system: "Registry", label: "Answers 429",
                help: "Every request is refused with Retry-After: 2.",
                isOn: { [faults] in faults.isOn(.tooManyRequests) },
                set: { [faults] in
                    $0 ? faults.tooManyRequests(nil, retryAfter: 2) : faults.clear(.tooManyRequests)
                }),
            SandboxFailureSwitch(
                id: "registry.401", system: "Registry", label: "Pull secret is refused",
                help: "The token service answers 401, as after the secret was changed.",
                isOn: { [tokens] in tokens.refusesSecrets }, set: { [tokens] in tokens.refusesSecrets = $0 }),
            SandboxFailureSwitch(
                id: "registry.slow", system: "Registry", label: "Slow, 2 s", help: "Every request takes two seconds.",
                isOn: { [faults] in faults.isSlow }, set: { [faults] in faults.slow($0 ? .seconds(2) : nil) }),
        ]
    }
}
