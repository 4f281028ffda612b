import Crypto
import Domain
import Outbound
import Sandbox
import TestSupport
import Testing

/// What the stand-in wants of a signed request (RFC 8555 §6).
@Suite struct ACMESigningTests {
    @Test func aNonceIsTakenOnce() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let nonce = JSONValue.string(try await fixture.nonce())
            let first = try await fixture.post(account, nil, as: account, ["nonce": nonce])
            #expect(first.status == 200)
            let second = try await fixture.post(account, nil, as: account, ["nonce": nonce])
            #expect(second.status == 400)
            #expect(try ACMEFixture.problem(second) == "badNonce")
            #expect(second.headers["replay-nonce"]?.isEmpty == false)
        }
    }

    @Test func ofAThousandAndOneNoncesTheOldestIsForgotten() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let oldest = JSONValue.string(try await fixture.nonce())
            let next = JSONValue.string(try await fixture.nonce())
            for _ in 0..<999 { _ = try await fixture.nonce() }
            let refused = try await fixture.post(account, nil, as: account, ["nonce": oldest])
            #expect(try ACMEFixture.problem(refused) == "badNonce")
            // The refusal brought one more, so the next is gone too.
            let gone = try await fixture.post(account, nil, as: account, ["nonce": next])
            #expect(try ACMEFixture.problem(gone) == "badNonce")
        }
    }

    @Test(
        arguments: [
            (["url": "http://127.0.0.1/acme/other"], "unauthorized"), (["alg": "RS256"], "badSignatureAlgorithm"),
            (["alg": "none"], "badSignatureAlgorithm"), (["nonce": "made-up"], "badNonce"), (["kid": "x"], "malformed"),
            (["jwk": .null], "malformed"), (["jwk": ["kty": "RSA"]], "badPublicKey"),
            (["jwk": ACMEFixture.jwk(P256.Signing.PrivateKey())], "malformed"),
        ] as [([String: JSONValue], String)])
    func aWrongHeaderIsRefused(header: [String: JSONValue], problem: String) async throws {
        try await ACMEFixture().run { fixture in
            let answer = try await fixture.post(
                fixture.url("new-account"), ["termsOfServiceAgreed": true], header)
            #expect(try ACMEFixture.problem(answer) == problem)
            #expect(fixture.authority.contacts.isEmpty)
        }
    }

    @Test func whatIsAskedWithoutASignatureOrByAnotherTypeIsRefused() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            #expect(try await ask("GET", account).status == 405)
            #expect(try await fixture.post(account, nil, as: account, type: "application/json").status == 415)
            let stranger = try await fixture.post(account, nil, as: account + "0")
            #expect(try ACMEFixture.problem(stranger) == "accountDoesNotExist")
        }
    }

    @Test func partOfTheNoncesIsRefusedAsOrdered() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            fixture.authority.failures.refusedNonces = 50
            var refused = 0
            for _ in 0..<10 where try await fixture.post(account, nil, as: account).status == 400 { refused += 1 }
            #expect(refused == 5)
        }
    }
}
