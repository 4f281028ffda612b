import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

struct TokenExpiryTests {
    @Test(arguments: [
        ("2026-12-31 23:59:59 UTC", 1_798_761_599.0), ("2026-12-31 23:59:59 +0200", 1_798_754_399.0),
        ("2026-12-31 23:59:59 -0500", 1_798_779_599.0),
    ])
    func theEndIsReadAsGitHubWritesIt(text: String, seconds: Double) {
        #expect(GitHubClient.tokenEnd(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: ["", "soon", "2026-12-31", "2026-13-31 23:59:59 UTC", "2026-12-31 23:59:59 CEST"])
    func anythingElseIsNoEnd(text: String) { #expect(GitHubClient.tokenEnd(text) == nil) }

    @Test func anyAnswerSaysWhenTheTokenEnds() async throws {
        let header = ["github-authentication-token-expiration": "2026-12-31 23:59:59 UTC"]
        let script = Script([
            json(["ok": true], headers: header), json(["message": "Not Found"], status: 404), json(["ok": true]),
        ])
        try await withClient(answering: { await script.next($0) }) { client, _ in
            #expect(await client.expiries().isEmpty)
            _ = try await client.send(acmeCall("/pulls/1"))
            let known = [Expiry(name: "github.token", endsAt: Date(timeIntervalSince1970: 1_798_761_599))]
            #expect(await client.expiries() == known)
            // A refusal says nothing of the token.
            await #expect(throws: GitHubFailure.self) { _ = try await client.send(acmeCall("/pulls/2")) }
            #expect(await client.expiries() == known)
            // Another token, without an end.
            _ = try await client.send(acmeCall("/pulls/3"))
            #expect(await client.expiries().isEmpty)
        }
    }

    @Test(.enabled(if: WireData.isThere)) func anAppsRotatedKeySignsAndABrokenOneDoesNotTakeItsPlace() async throws {
        let vector = try JSONValue(parsing: try WireData.bytes("github/app_jwt_vector.json"))
        let pem = try #require(vector["private_key_pkcs1_pem"]?.stringValue)
        let folder = try TemporaryFolder()
        let made = try await RunningProgram.run(
            "/usr/bin/openssl", ["genrsa", "-traditional", "-out", folder.path("new.pem"), "2048"])
        #expect(made.code == 0)
        let other = try String(contentsOfFile: folder.path("new.pem"), encoding: .utf8)
        let current = CurrentSecret(Secret(pem))
        let key = try #require(AppKey(appID: "1", pem: current.secret))
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let first = try await key.token(now: now)
        current.replace(with: Secret(other))
        let second = try await key.token(now: now)
        #expect(first != second)
        let alone = try await #require(AppKey(appID: "1", pem: Secret(other))).token(now: now)
        #expect(second == alone)
        current.replace(with: Secret("no key"))
        let third = try await key.token(now: now)
        #expect(third == second)
    }
}
