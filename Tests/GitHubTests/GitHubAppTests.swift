import Domain
import Foundation
import JWTKit
import Outbound
import Synchronization
import TestSupport
import Testing

@testable import GitHub

/// An app of GitHub with one installation, that counts what it is asked.
actor FakeApp {
    private(set) var tokens = 0
    private(set) var lookups = 0
    private(set) var calls: [String] = []
    var installation = 11
    /// Tokens that count no more.
    private var revoked: Set<String> = []
    private var refusal: ScriptedServer.Answer?
    private let expiry: @Sendable () -> Date
    private var gate: CheckedContinuation<Void, Never>?
    private var isGated = false

    init(expiry: @escaping @Sendable () -> Date) { self.expiry = expiry }

    func revoke(_ token: String) { revoked.insert(token) }
    func move(to installation: Int) { self.installation = installation }
    func refuse(_ answer: ScriptedServer.Answer?) { refusal = answer }
    func holdTokens() { isGated = true }
    var isHolding: Bool { gate != nil }
    func letGo() {
        isGated = false
        gate?.resume()
        gate = nil
    }

    func answer(_ request: ScriptedServer.Request) async -> ScriptedServer.Answer {
        switch (request.method, request.path) {
        case ("GET", "/orgs/acme/installation"):
            lookups += 1
            return json(["id": .int(Int64(installation))])
        case ("GET", "/users/ann/installation"): return json(["id": 12])
        case ("GET", "/app"): return json(["id": 79253, "slug": "defimon"])
        case ("POST", "/app/installations/\(installation)/access_tokens"),
            ("POST", "/app/installations/12/access_tokens"):
            if isGated { await withCheckedContinuation { gate = $0 } }
            if let refusal { return refusal }
            tokens += 1
            return json(
                ["token": .string("ghs_token_\(tokens)"), "expires_at": .string(expiry().rfc3339)], status: 201)
        default:
            guard request.path.hasPrefix("/repos/") else { return json(["message": "Not Found"], status: 404) }
            let shown = request.headers["authorization"] ?? ""
            calls.append(shown)
            let isRevoked = revoked.contains(String(shown.dropFirst("Bearer ".count)))
            return isRevoked ? json(["message": "Bad credentials"], status: 401) : json(["ok": true])
        }
    }
}

@Suite(.enabled(if: WireData.isThere)) struct GitHubAppTests {
    private struct Vector: Decodable {
        var pkcs1, pkcs8, publicKey, jwt: String
        private enum CodingKeys: String, CodingKey {
            case jwt
            case pkcs1 = "private_key_pkcs1_pem"
            case pkcs8 = "private_key_pkcs8_pem"
            case publicKey = "public_key_pem"
        }
    }

    private static func vector() throws -> Vector {
        try JSONDecoder().decode(Vector.self, from: Data(WireData.bytes("github/app_jwt_vector.json")))
    }

    private let acme = acmeCall("/pulls/1")
    private let time = VirtualTime()

    private func run(
        _ body: @escaping @Sendable (GitHubClient, FakeApp, ScriptedServer) async throws -> Void
    ) async throws {
        let time = time
        let app = FakeApp { time.now.advanced(by: .seconds(3600)) }
        let pem = try Self.vector().pkcs1
        let heard = Heard()
        try await withSession { session in
            try await ScriptedServer.run(answering: { await app.answer($0) }) { server in
                let settings = try Fixture.settings([
                    "app": ["id": "123456", "private_key": ["env": "PEM"]], "api_url": .string(server.url),
                ])
                let client = try GitHubClient(
                    settings, secrets: FixedSecrets(values: ["PEM": pem]), session: session, time: time,
                    onSecret: { secret in heard.secrets.withLock { $0.append(secret) } })
                try await body(client, app, server)
                // Whatever token was shown had been told before.
                let shown = await app.calls.map { Secret(String($0.dropFirst("Bearer ".count))) }
                #expect(Set(shown).isSubset(of: Set(heard.secrets.withLock { $0 })))
            }
        }
    }

    private final class Heard: Sendable { let secrets = Mutex<[Secret]>([]) }

    // MARK: The app's own token

    @Test func theTokenIsTheDocumentedOne() async throws {
        let vector = try Self.vector()
        let now = Date(timeIntervalSince1970: 1_700_000_060.9)
        for pem in [vector.pkcs1, vector.pkcs8] {
            let key = try #require(AppKey(appID: "123456", pem: Secret(pem)))
            let token = try await key.token(now: now).reveal()
            let keys = await JWTKeyCollection().add(
                rsa: try Insecure.RSA.PublicKey(pem: vector.publicKey), digestAlgorithm: .sha256)
            let claims = try await keys.verify(token, as: AppKey.Claims.self)
            #expect(claims.iat == 1_700_000_000)
            #expect(claims.exp == 1_700_000_540)
            #expect(claims.iss == "123456")
            let expected = try await keys.verify(vector.jwt, as: AppKey.Claims.self)
            #expect(expected.iat == claims.iat && expected.exp == claims.exp && expected.iss == claims.iss)
            #expect(try header(of: token) == header(of: vector.jwt))
        }
    }

    private func header(of token: String) throws -> JSONValue {
        var text = String(try #require(token.split(separator: ".").first)).replacing("-", with: "+")
            .replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return try JSONValue(parsing: try #require(Data(base64Encoded: text)))
    }

    @Test func aKeyThatIsNoneIsSaid() async throws {
        let settings = try Fixture.settings(["app": ["id": "1", "private_key": ["env": "NO_PEM"]]])
        try await withSession { session in
            let error = #expect(throws: MissingSecret.self) {
                try GitHubClient(settings, secrets: Fixture.secrets, session: session, time: VirtualTime())
            }
            #expect(error?.description.contains("PEM") == true)
            #expect(error?.description.contains("not a key") == false)
        }
    }

    // MARK: Tokens of installations

    @Test func anOwnersTokenIsAskedForOnceAndKeptUntilShortlyBeforeItsEnd() async throws {
        try await run { [time, acme] client, app, _ in
            _ = try await client.send(acme)
            time.advance(by: .seconds(3600 - 121))
            _ = try await client.send(acme)
            #expect(await app.tokens == 1)
            time.advance(by: .seconds(1))
            _ = try await client.send(acme)
            #expect(await app.tokens == 2)
            #expect(await app.lookups == 1)
            #expect(await app.calls == ["Bearer ghs_token_1", "Bearer ghs_token_1", "Bearer ghs_token_2"])
        }
    }

    @Test func aUsersInstallationIsFoundToo() async throws {
        try await run { client, app, _ in
            _ = try await client.send(acmeCall("/pulls/1", owner: "ann"))
            #expect(await app.calls == ["Bearer ghs_token_1"])
        }
    }

    @Test func anOwnerWithoutTheAppIsNamed() async throws {
        try await run { client, _, _ in
            do {
                _ = try await client.send(acmeCall("/pulls/1", owner: "nobody"))
                Issue.record("it went through")
            } catch let error as GitHubFailure {
                #expect(error.message == "the GitHub App is not installed at nobody")
                #expect(!error.isTransient)
            }
        }
    }

    @Test func manyAtOnceAskForOneToken() async throws {
        try await run { [acme] client, app, _ in
            await app.holdTokens()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await client.send(acme) } }
                _ = await eventually { await app.isHolding ? true : nil }
                await app.letGo()
                try await group.waitForAll()
            }
            #expect(await app.tokens == 1)
            #expect(await app.lookups == 1)
            #expect(await app.calls.count == 20)
        }
    }

    @Test func aTokenThatWasTakenBackIsReplacedOnce() async throws {
        try await run { [acme] client, app, _ in
            _ = try await client.send(acme)
            await app.revoke("ghs_token_1")
            _ = try await client.send(acme)
            #expect(await app.calls == ["Bearer ghs_token_1", "Bearer ghs_token_1", "Bearer ghs_token_2"])
            await app.revoke("ghs_token_2")
            await app.revoke("ghs_token_3")
            do {
                _ = try await client.send(acme)
                Issue.record("it went through")
            } catch let error as GitHubFailure { #expect(error.status == 401) }
            #expect(await app.tokens == 3)
        }
    }

    @Test func anAppThatWasInstalledAnewIsFoundAgain() async throws {
        try await run { [time, acme] client, app, _ in
            _ = try await client.send(acme)
            await app.move(to: 99)
            time.advance(by: .seconds(3600))
            _ = try await client.send(acme)
            #expect(await app.lookups == 2)
            #expect(await app.tokens == 2)
        }
    }

    @Test func aSuspendedInstallationIsSaidInGitHubsWords() async throws {
        try await run { [acme] client, app, _ in
            await app.refuse(json(["message": "This installation has been suspended"], status: 403))
            do {
                _ = try await client.send(acme)
                Issue.record("it went through")
            } catch let error as GitHubFailure {
                #expect(error.message.contains("This installation has been suspended"))
            }
        }
    }

    @Test func theBotsOwnAccountIsTheApps() async throws {
        try await run { client, _, _ in
            let account = try await client.account()
            #expect(account == BotAccount(login: "defimon[bot]", appID: 79253))
        }
    }
}

@Suite struct SharedFetchTests {
    @Test func oneFailureIsTheFailureOfAllWhoWaited() async throws {
        let fetch = SharedFetch<Int>()
        let count = Counter()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let errors = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        _ = try await fetch.value(for: "a", kept: { nil }) {
                            count.add()
                            for await _ in gate { break }
                            throw GitHubFailure("no")
                        }
                        return false
                    } catch { return error is GitHubFailure }
                }
            }
            _ = await eventually { count.value == 1 ? true : nil }
            open.finish()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(errors == 10)
    }

    @Test func aWaiterThatIsCancelledLeaves() async throws {
        let fetch = SharedFetch<Int>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let begun = Counter()
        await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await fetch.value(for: "a", kept: { nil }) {
                    begun.add()
                    for await _ in gate { break }
                    return 1
                }
            }
            _ = await eventually { begun.value == 1 ? true : nil }
            let left = await withTaskGroup(of: Bool.self) { inner in
                inner.addTask {
                    do {
                        _ = try await fetch.value(for: "a", kept: { nil }) { 2 }
                        return false
                    } catch { return error is CancellationError }
                }
                inner.cancelAll()
                return await inner.next() ?? false
            }
            #expect(left)
            open.finish()
            let value = try? await group.next()  // an error is no 1
            #expect(value == 1)
        }
    }

    @Test func whenWhoFetchesIsCancelledTheNextTakesOver() async throws {
        let fetch = SharedFetch<Int>()
        let begun = Counter()
        let (never, open) = AsyncStream.makeStream(of: Void.self)
        defer { open.finish() }
        await withThrowingTaskGroup(of: Int.self) { group in
            await withTaskGroup(of: Void.self) { leaders in
                leaders.addTask {
                    _ = try? await fetch.value(for: "a", kept: { nil }) {
                        begun.add()
                        for await _ in never {}
                        throw CancellationError()
                    }
                }
                _ = await eventually { begun.value == 1 ? true : nil }
                group.addTask { try await fetch.value(for: "a", kept: { nil }) { 2 } }
                leaders.cancelAll()
            }
            let value = try? await group.next()  // an error is no 2
            #expect(value == 2)
        }
    }
}
