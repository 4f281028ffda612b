import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import ACME

/// Runs a Pebble and a client of it; both end with `body`.
func withPebble<Value: Sendable>(
    _ options: Pebble.Options = .init(), _ body: (Pebble, ACMEClient, HTTPSession) async throws -> Value
) async throws -> Value {
    try await Pebble.run(options) { pebble in
        let session = try pebble.session()
        let client = ACMEClient(directory: pebble.directory, key: .make(), session: session, time: SystemTime())
        let result: Result<Value, any Error>
        do { result = .success(try await body(pebble, client, session)) } catch { result = .failure(error) }
        await session.shutdown()
        return try result.get()
    }
}

extension ACMEClient {
    /// Makes the account as the tests have it.
    @discardableResult
    func makeAccount(external: ExternalAccount? = nil) async throws -> ACMEAccount {
        try await account(contact: ["admin@example.org"], agreeToTerms: true, external: external)
    }

    /// Answers each challenge of that kind that is open, at Pebble's own answerer.
    func answer(_ order: ACMEOrder, by type: String, at answerer: ChallengeAnswerer, wrongly: Bool = false) async throws
    {
        for url in order.authorizations {
            let authorization = try await authorization(url)
            guard authorization.status == .pending,
                let challenge = authorization.challenges.first(where: { $0.type == type })
            else { continue }
            if type == "http-01" {
                let content = wrongly ? "nonsense" : key.keyAuthorization(challenge.token)
                try await answerer.answerHTTP(challenge.token, content)
            } else {
                let value = wrongly ? "nonsense" : key.dnsValue(challenge.token)
                try await answerer.answerDNS(authorization.name, value)
            }
            try await begin(challenge)
        }
    }

    /// Orders, proves, and fetches a certificate.
    func issue(
        _ names: [String], by type: String, at pebble: Pebble, key: CertificateKey, preferredIssuer: String? = nil
    ) async throws -> IssuedCertificate {
        let answerer = try #require(pebble.answerer)
        let order = try await newOrder(names, profile: nil, replaces: nil)
        try await answer(order, by: type, at: answerer)
        let ready = try await authorized(order) { _ in }
        let finalized = try await finalize(ready, request: try key.request(for: names))
        return try await chain(of: try await issued(finalized), preferredIssuer: preferredIssuer)
    }
}

extension IssuedCertificate {
    /// What `openssl verify` says of the chain with that root; empty: it is good.
    func verified(with root: String) async throws -> String {
        let folder = try TemporaryFolder()
        let arguments = [
            "verify", "-CAfile", try folder.write(root, to: "root.pem"), "-untrusted",
            try folder.write(chain, to: "chain.pem"), try folder.write(chain, to: "leaf.pem"),
        ]
        let said = try await RunningProgram.run("/usr/bin/openssl", arguments)
        return said.code == 0 ? "" : said.text
    }
}
