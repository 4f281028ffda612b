import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport
import Testing

@testable import Registry

@Suite(.timeLimit(.minutes(1))) struct ImageActionTests {
    private let time = VirtualTime(now: Fixture.now)
    private let collector = Collector()
    private typealias Answer = ScriptedServer.Answer

    /// Looks for `image` (its registry is `localhost`) at a server that answers so.
    private func look(
        _ image: String = "localhost/acme/api:1.2.3", times: Int = 1, isPublic: Bool = false,
        answering answer: @escaping @Sendable (ScriptedServer.Request, _ url: String) -> ScriptedServer.Answer
    ) async throws -> (results: [Result<Awaited, any Error>], requests: [ScriptedServer.Request]) {
        let (time, collector) = (time, collector)
        let url = Mutex("")
        return try await withSession { session in
            try await ScriptedServer.run(answering: { request in answer(request, url.withLock { $0 }) }) { server in
                url.withLock { $0 = server.url }
                var registry: [String: JSONValue] = ["url": .string(server.url + "/")]
                if !isPublic { registry.merge(["username": "bot", "password": ["env": "PULL"]]) { $1 } }
                let registries = try RegistryDirectory(
                    try Fixture.settings(["localhost": .object(registry)]), secrets: Fixture.secrets,
                    onSecret: { collector.add($0) }, session: { _ in session })
                let action = try Fixture.action(.string(image), registries)
                var results: [Result<Awaited, any Error>] = []
                for _ in 0..<times {
                    do { results.append(.success(try await action.look(Fixture.context(time)))) } catch {
                        results.append(.failure(error))
                    }
                }
                return (results, server.requests)
            }
        }
    }

    private func failure(
        _ image: String = "localhost/acme/api:1.2.3", isPublic: Bool = false,
        answering answer: @escaping @Sendable (ScriptedServer.Request, _ url: String) -> ScriptedServer.Answer
    ) async throws -> ActionError {
        let results = try await look(image, isPublic: isPublic, answering: answer).results
        let error = #expect(throws: (any Error).self) { try #require(results.first).get() }
        return try #require(error as? ActionError)
    }

    private static func found(_ digest: String = Fixture.digest) -> ScriptedServer.Answer {
        ScriptedServer.Answer(status: 200, headers: ["Docker-Content-Digest": digest])
    }

    private static func ready(_ digest: String = Fixture.digest) -> Awaited {
        .ready([
            "image": .string("localhost/acme/api@\(digest)"), "digest": .string(digest),
            "summary": .string("localhost/acme/api:1.2.3 is \(digest.prefix(19))…"),
        ])
    }

    // MARK: Found or not

    @Test func anImageThatIsThereIsPinned() async throws {
        let (results, requests) = try await look { _, _ in Self.found() }
        #expect(try results[0].get() == Self.ready())
        #expect(requests.count == 1)
        #expect(requests[0].method == "HEAD")
        #expect(requests[0].path == "/v2/acme/api/manifests/1.2.3")
        #expect(requests[0].headers["authorization"] == nil)
        let accept = try #require(requests[0].headers["accept"])
        for type in [
            "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json",
        ] { #expect(accept.contains(type)) }
    }

    @Test func anImageThatIsNotThereIsLookedForAgain() async throws {
        let (results, _) = try await look { _, _ in Answer(status: 404) }
        #expect(
            try results[0].get()
                == .notYet("the image localhost/acme/api:1.2.3 in its registry", lookAgainAfter: .seconds(15)))
    }

    @Test func anImageByItsDigestIsReadyWhenItExists() async throws {
        let image = "localhost/acme/api@\(Fixture.digest)"
        let (results, requests) = try await look(image) { _, _ in Self.found() }
        #expect(requests[0].path == "/v2/acme/api/manifests/\(Fixture.digest)")
        guard case .ready(let outputs) = try results[0].get() else { throw CancellationError() }
        #expect(outputs["image"] == .string(image))
    }

    @Test(arguments: ["HEAD has no digest", "HEAD is not known"]) func aDigestThatIsNotToldIsComputed(_ how: String)
        async throws
    {
        let manifest = #"{"schemaVersion":2}"#
        let digest = "sha256:" + Hex.encode(SHA256Digest.of(Array(manifest.utf8)))
        let (results, requests) = try await look { request, _ in
            if request.method == "HEAD" { return Answer(status: how == "HEAD is not known" ? 405 : 200, headers: [:]) }
            return Answer(status: 200, body: manifest)
        }
        #expect(try results[0].get() == Self.ready(digest))
        #expect(requests.map(\.method) == ["HEAD", "GET"])
    }

    @Test(arguments: [(0, true), (1, false)]) func aManifestIsReadToItsBound(more: Int, isFine: Bool) async throws {
        let manifest = String(repeating: "x", count: RegistryClient.largestManifest + more)
        let (results, _) = try await look { request, _ in
            Answer(status: 200, headers: [:], body: request.method == "HEAD" ? "" : manifest)
        }
        #expect(((try? results[0].get()) != nil) == isFine)
    }

    @Test(arguments: ["", "sha256:abc", "sha512:" + String(repeating: "a", count: 128), "\(Fixture.digest)0", "latest"])
    func aDigestThatIsNoneIsAnError(digest: String) async throws {
        let error = try await failure { request, _ in
            request.method == "HEAD" && digest.isEmpty
                ? Answer(status: 200, headers: ["Docker-Content-Digest": " x"])
                : Self.found(digest)
        }
        #expect(error.message.contains("digest"))
        #expect(error.retry == .never)
    }

    @Test func anotherImageThanTheOneAskedForIsAnError() async throws {
        let other = "sha256:" + String(repeating: "f", count: 64)
        let error = try await failure("localhost/acme/api@\(other)") { _, _ in Self.found() }
        #expect(error.message.contains("another image"))
    }

    @Test func aManifestThatDoesNotMatchItsDigestIsAnError() async throws {
        let error = try await failure { request, _ in
            request.method == "HEAD"
                ? Answer(status: 405)
                : Answer(
                    status: 200, headers: ["Docker-Content-Digest": Fixture.digest], body: "other")
        }
        #expect(error.message.contains("another digest"))
    }

    // MARK: Who asks

    private static func challenge(_ url: String, _ more: String = "") -> ScriptedServer.Answer {
        ScriptedServer.Answer(
            status: 401,
            headers: [
                "WWW-Authenticate":
                    #"Bearer realm="\#(url)/token?a=b",service="the registry",scope="repository:acme/api:pull"\#(more)"#
            ])
    }

    private static func registry(
        _ request: ScriptedServer.Request, _ url: String, token: String = "token-1", expires: Int = 300
    ) -> ScriptedServer.Answer {
        if request.path.hasPrefix("/token") {
            return ScriptedServer.Answer(body: #"{"token":"\#(token)","expires_in":\#(expires)}"#)
        }
        return request.headers["authorization"] == "Bearer \(token)" ? found() : challenge(url)
    }

    @Test func aTokenIsFetchedWithThePullSecretAndKept() async throws {
        let (results, requests) = try await look(times: 2) { request, url in Self.registry(request, url) }
        #expect(try results.map { try $0.get() } == [Self.ready(), Self.ready()])
        #expect(requests.map(\.method) == ["HEAD", "GET", "HEAD", "HEAD"])
        #expect(requests[0].headers["authorization"] == nil)
        #expect(requests[1].path == "/token?a=b&service=the%20registry&scope=repository:acme/api:pull")
        #expect(
            requests[1].headers["authorization"]
                == "Basic " + Data("bot:\(Fixture.password)".utf8).base64EncodedString())
        #expect(requests[3].headers["authorization"] == "Bearer token-1")
        #expect(collector.all == ["token-1"])
    }

    @Test func aTokenIsNotUsedShortlyBeforeItsEnd() async throws {
        let time = time
        let (results, requests) = try await look(times: 2) { request, url in
            if request.headers["authorization"] == "Bearer token-1" { time.advance(by: .seconds(290)) }
            return Self.registry(request, url)
        }
        #expect(results.count == 2)
        #expect(requests.filter { $0.path.hasPrefix("/token") }.count == 2)
    }

    @Test func aTokenThatIsRefusedIsFetchedAnewOnce() async throws {
        let issued = Mutex(0)
        let uses = Mutex(0)
        let (results, requests) = try await look(times: 2) { request, url in
            if request.path.hasPrefix("/token") {
                let number = issued.withLock { issued in
                    issued += 1
                    return issued
                }
                return Answer(body: #"{"token":"token-\#(number)"}"#)
            }
            switch request.headers["authorization"] {
            case "Bearer token-1":
                // Good once, revoked then.
                let isFirst = uses.withLock { uses in
                    uses += 1
                    return uses == 1
                }
                return isFirst ? Self.found() : Self.challenge(url)
            case "Bearer token-2": return Self.found()
            default: return Self.challenge(url)
            }
        }
        #expect(try results[1].get() == Self.ready())
        #expect(requests.map(\.method) == ["HEAD", "GET", "HEAD", "HEAD", "GET", "HEAD"])
    }

    @Test func withoutAPullSecretTheTokenIsAskedForByNobody() async throws {
        let (results, requests) = try await look(isPublic: true) { request, url in Self.registry(request, url) }
        #expect(try results[0].get() == Self.ready())
        #expect(requests[1].headers["authorization"] == nil)
    }

    @Test func aBasicChallengeIsAnsweredByThePullSecret() async throws {
        let basic = "Basic " + Data("bot:\(Fixture.password)".utf8).base64EncodedString()
        let (results, requests) = try await look(times: 2) { request, _ in
            request.headers["authorization"] == basic
                ? Self.found()
                : Answer(
                    status: 401, headers: ["WWW-Authenticate": #"Basic realm="registry""#])
        }
        #expect(try results[1].get() == Self.ready())
        #expect(requests.count == 3)
    }

    @Test(
        arguments: [
            ("http://127.0.0.2:1/token", "without TLS"), ("ftp://127.0.0.1/token", "without TLS"),
            ("https://user:password@127.0.0.1:1/token", "no place"), ("/token", "no place"), ("", "no place"),
            ("https:///token", "no place"),
        ])
    func aRealmThatIsNotSafeGetsNothing(realm: String, word: String) async throws {
        let error = try await failure { _, _ in
            Answer(status: 401, headers: ["WWW-Authenticate": #"Bearer realm="\#(realm)",service="x""#])
        }
        #expect(error.message.contains(word))
        #expect(error.retry == .never)
    }

    // Ports of this machine where nobody is: a guard that breaks must not reach anybody.
    @Test func aRegistryWithTLSNeverSendsItsSecretWithout() async throws {
        try await withSession { session in
            let service = TokenService(
                registry: "r.example.com", registryURL: "https://127.0.0.1:1",
                credentials: RegistryCredentials(username: "bot", password: Secret(Fixture.password)),
                session: session, onSecret: { _ in })
            let error = await #expect(throws: ActionError.self) {
                try await service.authorization(
                    for: "acme/api", challenge: #"Bearer realm="http://127.0.0.1:1/token""#, now: Fixture.now)
            }
            #expect(error?.message.contains("without TLS") == true)
        }
    }

    @Test(arguments: [401, 403]) func aRefusalNamesTheRegistryAndTheSetting(status: Int) async throws {
        let body = #"{"errors":[{"code":"DENIED","message":"requested access\nis denied"}]}"#
        for isToken in [true, false] {
            let error = try await failure { request, url in
                if request.path.hasPrefix("/token") {
                    return isToken ? Answer(status: status, body: body) : Answer(body: #"{"token":"t-123456"}"#)
                }
                return request.headers["authorization"] == nil ? Self.challenge(url) : Answer(status: status)
            }
            #expect(error.message.contains("localhost"))
            #expect(error.message.contains("acme/api"))
            #expect(error.hint?.contains("registries.localhost.username") == true)
            #expect(error.retry == .never)
            if isToken { #expect(error.message.contains("DENIED requested access is denied")) }
        }
    }

    @Test func aRegistryThatOffersNothingWeKnowIsSaid() async throws {
        let error = try await failure(isPublic: true) { _, _ in
            Answer(status: 401, headers: ["WWW-Authenticate": #"Basic realm="x""#])
        }
        #expect(error.hint?.contains("set registries.localhost.username") == true)
    }

    // MARK: Outages

    @Test(
        arguments: [
            (429, ["Retry-After": "30"], .later(afterMilliseconds: 30_000)),
            (429, [:], .later(afterMilliseconds: 60_000)), (500, [:], .later(afterMilliseconds: nil)),
            (503, ["Retry-After": "5"], .later(afterMilliseconds: 5000)), (400, [:], .never), (301, [:], .never),
        ] as [(Int, [String: String], ActionError.Retry)])
    func anAnswerSaysWhetherToTryAgain(status: Int, headers: [String: String], retry: ActionError.Retry) async throws {
        let error = try await failure { _, _ in Answer(status: status, headers: headers) }
        #expect(error.retry == retry)
        #expect(!error.mayHaveTakenEffect)
        let ofToken = try await failure { request, url in
            request.path.hasPrefix("/token") ? Answer(status: status, headers: headers) : Self.challenge(url)
        }
        #expect(ofToken.retry == retry)
    }

    @Test func aTokenServerWithoutATokenIsSaid() async throws {
        let error = try await failure { request, url in
            request.path.hasPrefix("/token") ? Answer(body: "{}") : Self.challenge(url)
        }
        #expect(error.message.contains("gives no token"))
        #expect(error.retry == .later(afterMilliseconds: nil))
    }

    @Test func aRegistryThatIsAwayIsAskedAgain() async throws {
        try await withSession { session in
            let registries = try RegistryDirectory(
                try Fixture.settings(["localhost": ["url": "http://127.0.0.1:1"]]), secrets: Fixture.secrets,
                onSecret: { _ in }, session: { _ in session })
            let action = try Fixture.action("localhost/a:1", registries)
            let error = await #expect(throws: ActionError.self) { try await action.look(Fixture.context(time)) }
            #expect(error?.retry == .later(afterMilliseconds: nil))
            #expect(error?.message.contains("localhost") == true)
        }
    }

    @Test func aRegistryThatTheSettingsDoNotNameIsNeverAsked() async throws {
        let error = try await failure("registry.example.com/acme/api:1") { _, _ in Self.found() }
        #expect(error.message.contains("there is no registry 'registry.example.com'; set are: localhost"))
        #expect(error.retry == .never)
    }

    @Test func theActionDescribesItself() throws {
        let type = try #require(RegistryActions.types(RegistryDirectory()).first)
        #expect(type.name == "registry.image")
        #expect(type.inputs.map(\.name) == ["image"])
        #expect(type.outputs.map(\.name) == ["image", "digest", "summary"])
        var reader = InputReader.describing()
        #expect(type.make(&reader) is any AwaitingAction)
    }
}
