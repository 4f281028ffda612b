import CryptoExtras
import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Where tokens come from, what they may do, and the failures of every API.
@Suite struct GoogleCloudTokenTests {
    private typealias Fixture = GoogleCloudFixture
    private static let email = "bot@example-project.iam.gserviceaccount.com"
    private static let audience =
        "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pool/providers/ci"
    private let disks = "\(GoogleCloudFixture.zone)/disks"

    private func fixture(permissions: Set<String>? = nil) throws -> GoogleCloudFixture {
        let key = try GoogleCloudFixture.key.get().publicKey.pemRepresentation
        return GoogleCloudFixture { configuration in
            configuration.accounts = [
                .init(
                    email: Self.email, keys: ["k1": key], permissions: permissions,
                    impersonators: ["principal://ci"])
            ]
            configuration.users = [
                .init(
                    email: "olivia@example.com", clientID: "client", clientSecret: Secret("client-secret"),
                    refreshToken: Secret("refresh"))
            ]
            configuration.federations = [
                .init(audience: Self.audience, subjects: [(Secret("foreign"), "principal://ci")])
            ]
            configuration.metadataAccount = Self.email
        }
    }

    private func claims(_ google: GoogleCloudFixture, _ change: [String: JSONValue] = [:]) -> [String: JSONValue] {
        let now = Int64(google.time.now.timeIntervalSince1970)
        return [
            "iss": .string(Self.email), "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": "https://oauth2.googleapis.com/token", "iat": .int(now), "exp": .int(now + 3600),
        ].merging(change) { $1 }.filter { $0.value != .null }
    }

    private func grant(_ google: GoogleCloudFixture, _ fields: [(String, String)]) async throws -> HTTPResponse {
        let form = fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
        return try await ask(
            "POST", "\(try await google.google.url())/token", [("Content-Type", "application/x-www-form-urlencoded")],
            form)
    }

    private func grant(_ google: GoogleCloudFixture, claims: [String: JSONValue]) async throws -> HTTPResponse {
        try await grant(
            google,
            [
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", try GoogleCloudFixture.assertion(claims)),
            ])
    }

    private func token(_ answer: HTTPResponse, _ member: String = "access_token") throws -> Secret {
        Secret(try answer.json[member]?.stringValue ?? "")
    }

    @Test func aServiceAccountGetsATokenThatEnds() async throws {
        try await fixture().run { google in
            let answer = try await grant(google, claims: claims(google))
            #expect(answer.status == 200)
            #expect(try answer.json["expires_in"] == 3599)
            let token = try token(answer)
            #expect(try await google.call("GET", disks, token: token).status == 200)
            google.time.advance(by: .seconds(3599))
            #expect(try await google.call("GET", disks, token: token).status == 200)
            google.time.advance(by: .seconds(1))
            #expect(try await google.call("GET", disks, token: token).status == 401)
        }
    }

    @Test(
        arguments: [
            (["iat": -7200, "exp": -3600], "reasonable timeframe"), (["iat": 0, "exp": 3601], "reasonable timeframe"),
            (["iat": 301, "exp": 3600], "reasonable timeframe"),
        ] as [([String: Int], String)])
    func aClockThatIsOffGivesInvalidGrant(_ change: [String: Int], _ words: String) async throws {
        try await fixture().run { google in
            let now = Int64(google.time.now.timeIntervalSince1970)
            let answer = try await grant(google, claims: claims(google, change.mapValues { .int(now + Int64($0)) }))
            #expect(answer.status == 400)
            #expect(try answer.json["error"] == "invalid_grant")
            #expect(try answer.json["error_description"]?.stringValue?.contains(words) == true)
        }
    }

    @Test(arguments: [
        ("aud", "https://elsewhere.example.com/token", "Failed audience check"),
        ("iss", "nobody@example-project.iam.gserviceaccount.com", "account not found"),
    ])
    func aClaimThatIsWrongIsNamed(_ name: String, _ value: String, _ words: String) async throws {
        try await fixture().run { google in
            let answer = try await grant(google, claims: claims(google, [name: .string(value)]))
            #expect(try answer.json["error_description"]?.stringValue?.contains(words) == true)
        }
    }

    @Test func aSignatureOfAnotherKeyIsRefused() async throws {
        try await fixture().run { google in
            var assertion = try GoogleCloudFixture.assertion(claims(google))
            assertion = String(assertion.dropLast(6)) + "AAAAAA"
            let answer = try await grant(
                google,
                [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)])
            #expect(try answer.json["error_description"] == "Invalid JWT Signature.")
        }
    }

    @Test func aRefreshTokenGivesAToken() async throws {
        try await fixture().run { google in
            let fields = [("client_id", "client"), ("client_secret", "client-secret"), ("grant_type", "refresh_token")]
            let answer = try await grant(google, fields + [("refresh_token", "refresh")])
            #expect(try await google.call("GET", disks, token: try token(answer)).status == 200)
            let revoked = try await grant(google, fields + [("refresh_token", "another")])
            #expect(try revoked.json["error"] == "invalid_grant")
        }
    }

    @Test func aForeignTokenIsExchangedAndMayActForAnAccount() async throws {
        try await fixture().run { google in
            let url = try await google.google.url()
            let body: JSONValue = [
                "grantType": "urn:ietf:params:oauth:grant-type:token-exchange", "audience": .string(Self.audience),
                "scope": "https://www.googleapis.com/auth/cloud-platform",
                "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token", "subjectToken": "foreign",
                "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
            ]
            let exchanged = try await ask(
                "POST", "\(url)/v1/token", [("Content-Type", "application/json")], body.canonicalText)
            #expect(exchanged.status == 200)
            let path = "v1/projects/-/serviceAccounts/\(Self.email):generateAccessToken"
            let acting = try await google.call(
                "POST", path, ["scope": ["https://www.googleapis.com/auth/cloud-platform"], "lifetime": "600s"],
                token: try token(exchanged), root: "/")
            #expect(acting.status == 200)
            let own = try token(acting, "accessToken")
            #expect(try await google.call("GET", disks, token: own).status == 200)
            google.time.advance(by: .seconds(600))
            #expect(try await google.call("GET", disks, token: own).status == 401)
        }
    }

    @Test func whoMayNotActForAnAccountIsToldThePermission() async throws {
        try await fixture().run { google in
            let path = "v1/projects/-/serviceAccounts/\(Self.email):generateAccessToken"
            let answer = try await google.call(
                "POST", path, ["scope": ["https://www.googleapis.com/auth/cloud-platform"]], root: "/")
            #expect(answer.status == 403)
            #expect(answer.text.contains("iam.serviceAccounts.getAccessToken"))
        }
    }

    @Test func theMetadataServerDemandsItsHeader() async throws {
        try await fixture().run { google in
            let url = "\(try await google.google.url())/computeMetadata/v1/instance/service-accounts/default/token"
            #expect(try await ask("GET", url).status == 403)
            let answer = try await ask("GET", url, [("Metadata-Flavor", "Google")])
            #expect(answer.headers["metadata-flavor"] == "Google")
            #expect(try await google.call("GET", disks, token: try token(answer)).status == 200)
        }
    }

    @Test func aRequestWithoutAKnownTokenIs401() async throws {
        try await fixture().run { google in
            let refusal = Fixture.Refusal(try await google.call("GET", disks, token: Secret("ya29.unknown")))
            #expect(refusal.status == 401)
            #expect(refusal.reason == "authError")
        }
    }

    @Test func aMissingPermissionIsNamed() async throws {
        try await fixture().run { google in
            let token = google.google.token(permissions: ["compute.disks.list", "compute.disks.get"])
            #expect(try await google.call("GET", disks, token: token).status == 200)
            let body: JSONValue = ["name": "chain", "sizeGb": "10"]
            let refusal = Fixture.Refusal(try await google.call("POST", disks, body, token: token))
            #expect(refusal.status == 403)
            #expect(refusal.message == "Required 'compute.disks.create' permission for '\(disks)/chain'")
        }
    }

    @Test(arguments: [
        ("internalError", 500, "internalError"), ("unavailable", 503, "backendError"),
        ("unauthorized", 401, "authError"), ("rateLimit", 403, "rateLimitExceeded"),
        ("tooManyRequests", 429, "rateLimitExceeded"),
    ])
    func aFailureIsSwitchedOnFromOutsideForANumberOfRequests(
        _ kind: String, _ status: Int, _ reason: String
    ) async throws {
        try await fixture().run { google in
            let control = "\(try await google.google.url())/_sandbox/failures"
            let body = "{\"\(kind)\": {\"count\": 2, \"methods\": \"compute.disks.\"}}"
            #expect(try await ask("PATCH", control, [], body).status == 200)
            #expect(try await google.call("GET", "\(GoogleCloudFixture.global)/networks").status == 200)
            for _ in 0..<2 {
                let refusal = Fixture.Refusal(try await google.call("GET", disks))
                #expect(refusal.status == status)
                #expect(refusal.reason == reason)
            }
            #expect(try await google.call("GET", disks).status == 200)
        }
    }

    @Test func aConnectionCanBeCutAfterTheRequestTookEffect() async throws {
        try await fixture().run { google async throws in
            google.google.failures.counts[.resetAfterwards] = .init(1)
            await #expect(throws: (any Error).self) {
                try await google.call("POST", disks, ["name": "chain", "sizeGb": "10"])
            }
            #expect(try await google.call("GET", "\(disks)/chain").status == 200)
        }
    }

    @Test func aSwitchThatIsNotThereIsNamed() async throws {
        try await fixture().run { google in
            let answer = try await ask(
                "PUT", "\(try await google.google.url())/_sandbox/failures", [], "{\"flood\": true}")
            #expect(answer.status == 400)
            #expect(answer.text.contains("flood"))
            #expect(answer.text.contains("unavailable"))
        }
    }

    @Test func everySwitchOfThePageCanBeSwitchedOnAndOff() async throws {
        let switches = try fixture().google.failureSwitches
        #expect(Set(switches.map(\.id)).count == switches.count)
        for one in switches {
            #expect(await !one.isOn(), "\(one.id)")
            await one.set(true)
            #expect(await one.isOn(), "\(one.id)")
            await one.set(false)
            #expect(await !one.isOn(), "\(one.id)")
        }
    }

    @Test func theSwitchForTheQuotaLeavesNoGigabyte() async throws {
        try await fixture().run { google async throws in
            await google.google.failureSwitches.first { $0.id == "google.quota" }?.set(true)
            let body: JSONValue = ["name": "chain", "sizeGb": "10"]
            #expect(Fixture.Refusal(try await google.call("POST", disks, body)).reason == "quotaExceeded")
        }
    }
}
