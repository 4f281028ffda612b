import CryptoExtras
import Domain
import Foundation
import JWTKit
import Synchronization
import TestSupport
import Testing

@testable import GoogleCloud

/// Reading one thing, the simplest call that needs a token.
private let reading = GoogleCall(.compute, "GET", "projects/example-project/zones/europe-west3-a/disks/data-1")

@Suite struct CredentialTests {
    @Test(.enabled(if: WireData.isThere))
    func `the assertion of a key is what Google's own example has`() async throws {
        let vector = try JSONValue(parsing: try WireData.bytes("gcp/service_account_jwt_vector.json"))
        let file = try #require(vector["key_file_shape"])
        let key = try ServiceAccountKey(file.canonicalText, "the key")
        let made = try #require(vector["payload"]?["iat"]?.intValue)
        let ours = try await key.assertion(now: Date(timeIntervalSince1970: Double(made) + 0.7)).reveal()
        let theirs = try #require(vector["assertion"]?.stringValue)
        #expect(try part(1, of: ours) == part(1, of: theirs))
        let header = try part(0, of: ours)
        #expect(header["alg"] == "RS256")
        #expect(header["kid"] == file["private_key_id"])
        // The same key has signed both.
        let pem = try #require(file["private_key"]?.stringValue)
        let open = try _RSA.Signing.PrivateKey(pemRepresentation: pem).publicKey
        for text in [ours, theirs] { #expect(try isSigned(text, by: open)) }
    }

    private func part(_ index: Int, of token: String) throws -> JSONValue {
        try JSONValue(parsing: decoded(token.split(separator: ".")[index]))
    }

    private func decoded(_ text: Substring) throws -> Data {
        let usual = text.replacing("-", with: "+").replacing("_", with: "/")
        return try #require(Data(base64Encoded: usual + String(repeating: "=", count: (4 - usual.count % 4) % 4)))
    }

    private func isSigned(_ token: String, by key: _RSA.Signing.PublicKey) throws -> Bool {
        let parts = token.split(separator: ".")
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try decoded(parts[2]))
        return key.isValidSignature(
            signature, for: Data("\(parts[0]).\(parts[1])".utf8), padding: .insecurePKCS1v1_5)
    }

    @Test func `a service account's key gets a token, which every call shows until shortly before its end`()
        async throws
    {
        let time = VirtualTime(now: Fixture.started)
        let tokens = Mutex(0)
        try await ScriptedServer.run(answering: { request in
            guard request.path == "/token" else { return Fixture.json(["name": "data-1"]) }
            let number = tokens.withLock { count in
                count += 1
                return count
            }
            return Fixture.token("ya29.\(number)", expiresIn: 3600)
        }) { server in
            try await withSession { session in
                let heard = HeardSecrets()
                let client = try Fixture.client(session, at: server.url, time: time, heard: heard)
                _ = try await client.send(reading)
                time.advance(by: .seconds(3600 - 241))
                _ = try await client.send(reading)
                time.advance(by: .seconds(1))
                _ = try await client.send(reading)
                let shown = server.requests.filter { $0.method == "GET" }.compactMap { $0.headers["authorization"] }
                #expect(shown == ["Bearer ya29.1", "Bearer ya29.1", "Bearer ya29.2"])
                #expect(heard.all.contains("ya29.1") && heard.all.contains("ya29.2"))
                let asked = try #require(server.requests.first)
                #expect(asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
                let claims = try part(1, of: try #require(asked.form["assertion"]))
                #expect(claims["iss"] == .string(Fixture.email))
                #expect(claims["aud"] == "https://oauth2.googleapis.com/token")
                #expect(claims["iat"] == 1_790_000_000)
            }
        }
    }

    @Test func `many who ask at once cost one token`() async throws {
        try await ScriptedServer.run(answering: { request in
            request.path == "/token" ? Fixture.token() : Fixture.json([:])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 { group.addTask { _ = try await client.send(reading) } }
                    try await group.waitForAll()
                }
                #expect(server.requests.filter { $0.path == "/token" }.count == 1)
                #expect(server.requests.filter { $0.method == "GET" }.count == 20)
            }
        }
    }

    @Test func `who asked first and is cancelled ends at once, and the next one gets the token`() async throws {
        let gate = Gate()
        let asked = Mutex(0)
        try await ScriptedServer.run(answering: { request in
            guard request.path == "/token" else { return Fixture.json([:]) }
            let isFirst = asked.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { await gate.wait() }
            return Fixture.token()
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let first = Task { try await client.send(reading) }
                _ = await eventually { asked.withLock { $0 } == 1 ? true : nil }
                let second = Task { try await client.send(reading) }
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
                #expect(try await second.value == [:])
                gate.open()
            }
        }
    }

    @Test func `a renewal that is refused keeps the old token while it is good, and asks again later`() async throws {
        let time = VirtualTime(now: Fixture.started)
        let tokens = Mutex(0)
        try await ScriptedServer.run(answering: { request in
            guard request.path == "/token" else { return Fixture.json([:]) }
            let isFirst = tokens.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst ? Fixture.token(expiresIn: 3600) : Fixture.json(["error": "internal_failure"], status: 503)
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url, time: time)
                _ = try await client.send(reading)
                time.advance(by: .seconds(3400))
                _ = try await client.send(reading)
                _ = try await client.send(reading)
                #expect(tokens.withLock { $0 } == 2)
                time.advance(by: .seconds(31))
                _ = try await client.send(reading)
                #expect(tokens.withLock { $0 } == 3)
                time.advance(by: .seconds(200))
                await #expect(throws: GoogleFailure.self) { try await client.send(reading) }
            }
        }
    }

    @Test func `a token that Google does not take any more is replaced once`() async throws {
        let tokens = Mutex(0)
        try await ScriptedServer.run(answering: { request in
            if request.path == "/token" {
                let number = tokens.withLock { count in
                    count += 1
                    return count
                }
                return Fixture.token("ya29.\(number)")
            }
            guard request.headers["authorization"] == "Bearer ya29.2" else {
                return Fixture.json(["error": ["code": 401, "message": "Invalid Credentials"]], status: 401)
            }
            return Fixture.json(["name": "data-1"])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                #expect(try await client.send(reading)["name"] == "data-1")
                #expect(tokens.withLock { $0 } == 2)
            }
        }
    }

    @Test func `a clock that is off is told in words, without the assertion`() async throws {
        try await ScriptedServer.run(answering: { _ in
            Fixture.json(
                [
                    "error": "invalid_grant",
                    "error_description":
                        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
                ], status: 400)
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let failure = try #require(
                    await #expect(throws: GoogleFailure.self) { try await client.send(reading) })
                #expect(failure.message.contains("invalid_grant: Invalid JWT"))
                #expect(failure.hint?.contains("clock") == true)
                #expect(!failure.isTransient)
                let assertion = try #require(server.requests.first?.form["assertion"])
                #expect(!"\(failure)".contains(assertion))
            }
        }
    }

    @Test func `the machine's own account is asked for at the metadata server`() async throws {
        try await ScriptedServer.run(answering: { request in
            request.path.hasPrefix("/computeMetadata") ? Fixture.token("ya29.machine") : Fixture.json([:])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url, credentials: ["metadata": true])
                _ = try await client.send(reading)
                let asked = try #require(server.requests.first)
                #expect(asked.path == "/computeMetadata/v1/instance/service-accounts/default/token")
                #expect(asked.headers["metadata-flavor"] == "Google")
                #expect(server.requests.last?.headers["authorization"] == "Bearer ya29.machine")
            }
        }
    }

    @Test(arguments: [true, false])
    func `who the bot is elsewhere is exchanged, and then speaks as a service account`(_ isImpersonated: Bool)
        async throws
    {
        let folder = try TemporaryFolder()
        try Data("  the-oidc-token\n".utf8).write(to: folder.url.appending(path: "token"))
        var account: [String: JSONValue] = [
            "type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/x",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token", "credential_source": ["file": "token"],
        ]
        let path = "/v1/projects/-/serviceAccounts/\(Fixture.email):generateAccessToken"
        if isImpersonated {
            account["service_account_impersonation_url"] = .string("https://iamcredentials.googleapis.com" + path)
        }
        try Data(JSONValue.object(account).canonicalBytes).write(to: folder.url.appending(path: "identity.json"))
        let base = folder.url.path
        try await ScriptedServer.run(answering: { request in
            switch request.path {
            case "/v1/token": return Fixture.token("ya29.exchanged")
            case path:
                return Fixture.json([
                    "accessToken": "ya29.account",
                    "expireTime": .string(Fixture.started.advanced(by: .seconds(3600)).rfc3339),
                ])
            default: return Fixture.json([:])
            }
        }) { server in
            try await withSession { session in
                let heard = HeardSecrets()
                let client = try Fixture.client(
                    session, at: server.url, credentials: ["workload_identity": ["file": "identity.json"]], base: base,
                    heard: heard)
                _ = try await client.send(reading)
                let exchange = try #require(server.requests.first).form
                #expect(exchange["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange")
                #expect(exchange["subject_token"] == "the-oidc-token")
                #expect(exchange["audience"] == "//iam.googleapis.com/projects/1/locations/global/x")
                let shown = server.requests.last?.headers["authorization"]
                #expect(shown == (isImpersonated ? "Bearer ya29.account" : "Bearer ya29.exchanged"))
                #expect(heard.all.contains("the-oidc-token") && heard.all.contains("ya29.exchanged"))
                if isImpersonated {
                    let asked = try #require(server.requests.first { $0.path == path })
                    #expect(asked.headers["authorization"] == "Bearer ya29.exchanged")
                    #expect(asked.json["lifetime"] == "3600s")
                }
            }
        }
    }

    @Test func `a workload identity is sent to nobody but Google`() async throws {
        let folder = try TemporaryFolder()
        try Data("the-oidc-token".utf8).write(to: folder.url.appending(path: "token"))
        let account: JSONValue = [
            "type": "external_account", "audience": "a", "subject_token_type": "b",
            "token_url": "https://sts.googleapis.com.example.org/v1/token", "credential_source": ["file": "token"],
        ]
        try Data(account.canonicalBytes).write(to: folder.url.appending(path: "identity.json"))
        let base = folder.url.path
        try await ScriptedServer.run(answering: { _ in Fixture.token() }) { server in
            try await withSession { session in
                let client = try Fixture.client(
                    session, at: server.url, credentials: ["workload_identity": ["file": "identity.json"]], base: base)
                let failure = try #require(await #expect(throws: GoogleFailure.self) { try await client.send(reading) })
                #expect(failure.message == "the token_url of the workload identity is not at googleapis.com")
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test(arguments: ["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "HOME"])
    func `a login of gcloud is found where gcloud leaves it`(_ variable: String) async throws {
        let folder = try TemporaryFolder()
        let name = "application_default_credentials.json"
        let place = variable == "HOME" ? ".config/gcloud/" : ""
        let file = folder.url.appending(path: place + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let login: JSONValue = [
            "type": "authorized_user", "client_id": "id", "client_secret": "the-client-secret",
            "refresh_token": "1//the-refresh-token",
        ]
        try Data(login.canonicalBytes).write(to: file)
        let value = variable == "GOOGLE_APPLICATION_CREDENTIALS" ? file.path : folder.url.path
        try await ScriptedServer.run(answering: { request in
            request.path == "/token" ? Fixture.token("ya29.person") : Fixture.json([:])
        }) { server in
            try await withSession { session in
                let heard = HeardSecrets()
                let client = try Fixture.client(
                    session, at: server.url, credentials: ["application_default": true],
                    environment: [variable: value], heard: heard)
                _ = try await client.send(reading)
                let form = try #require(server.requests.first).form
                #expect(form["grant_type"] == "refresh_token")
                #expect(form["refresh_token"] == "1//the-refresh-token")
                #expect(heard.all.contains("the-client-secret") && heard.all.contains("1//the-refresh-token"))
                #expect(server.requests.last?.headers["authorization"] == "Bearer ya29.person")
            }
        }
    }

    @Test func `a key that is none is said to be none, and nothing of it is shown`() throws {
        let failure = try #require(
            #expect(throws: GoogleFailure.self) {
                try ServiceAccountKey(
                    #"{"type": "service_account", "client_email": "a@b", "private_key": "hunter2"}"#, "env:KEY")
            })
        #expect(failure.message == "the private_key in env:KEY is no private RSA key in PEM")
    }
}

/// Holds who comes until it is opened.
private final class Gate: Sendable {
    private let waiting: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() { (waiting, end) = AsyncStream.makeStream() }

    func wait() async { for await _ in waiting {} }
    func open() { end.finish() }
}
