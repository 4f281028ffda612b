import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite(.enabled(if: Pebble.isThere)) struct PebbleTests {
    @Test func aNameIsProvenByHTTPAndItsChainIsGood() async throws {
        try await withPebble { pebble, client, _ in
            try await client.makeAccount()
            let key = try CertificateKey.make(.p256)
            let issued = try await client.issue(["api.example.org"], by: "http-01", at: pebble, key: key)
            #expect(issued.complaint(names: ["api.example.org"], key: key, at: Date()) == nil)
            #expect(issued.names == ["api.example.org"])
            #expect(try await issued.verified(with: pebble.root()).isEmpty)
        }
    }

    @Test(arguments: [CertificateKey.Kind.p256, .rsa2048])
    func aWildcardIsProvenByDNSBesideItsDomain(_ kind: CertificateKey.Kind) async throws {
        try await withPebble { pebble, client, _ in
            try await client.makeAccount()
            let key = try CertificateKey.make(kind)
            let names = ["example.org", "*.example.org", "b.example.org"]
            let order = try await client.newOrder(names, profile: nil, replaces: nil)
            #expect(order.authorizations.count == 3)
            let answerer = try #require(pebble.answerer)
            // The domain and its wildcard share one record; each is proven in turn.
            for url in order.authorizations {
                let authorization = try await client.authorization(url)
                let challenge = try #require(authorization.challenges.first { $0.type == "dns-01" })
                try await answerer.answerDNS(authorization.name, client.key.dnsValue(challenge.token))
                try await client.begin(challenge)
                let state = await eventuallyOver(client, url)
                #expect(state == .valid, "\(authorization.identifier)")
            }
            let ready = try await client.authorized(order) { _ in }
            let finalized = try await client.finalize(ready, request: try key.request(for: names))
            let issued = try await client.chain(of: try await client.issued(finalized), preferredIssuer: nil)
            #expect(issued.complaint(names: names, key: key, at: Date()) == nil)
            let verdict = try await issued.verified(with: pebble.root())
            #expect(verdict.isEmpty)
        }
    }

    private func eventuallyOver(_ client: ACMEClient, _ url: String) async -> ACMEAuthorization.Status? {
        await eventually(within: .seconds(30)) {
            guard let now = try? await client.authorization(url), now.status != .pending else { return nil }
            return now.status
        }
    }

    @Test func aCertificateIsRenewedWithANewKeyAndAuthorizationsThatHoldNeedNoAnswer() async throws {
        var options = Pebble.Options()
        options.reusedAuthorizations = 100
        try await withPebble(options) { pebble, client, _ in
            try await client.makeAccount()
            let names = ["api.example.org"]
            let first = try await client.issue(names, by: "http-01", at: pebble, key: .make(.p256))
            let order = try await client.newOrder(names, profile: nil, replaces: first.certID)
            #expect(order.status == .ready)
            let key = try CertificateKey.make(.p256)
            let second = try await client.issue(names, by: "http-01", at: pebble, key: key)
            #expect(second.serialNumber != first.serialNumber)
            #expect(second.complaint(names: names, key: key, at: Date()) == nil)
        }
    }

    @Test func aRevokedCertificateIsRevokedAndRevokingItAgainIsFine() async throws {
        try await withPebble { pebble, client, _ in
            try await client.makeAccount()
            let issued = try await client.issue(["api.example.org"], by: "http-01", at: pebble, key: .make(.p256))
            let before = try await pebble.status(issued.serialNumber)
            #expect(before == "Valid")
            try await client.revoke(issued.leafDER, reason: 4)
            let after = try await pebble.status(issued.serialNumber)
            #expect(after == "Revoked")
            try await client.revoke(issued.leafDER, reason: 4)
        }
    }

    @Test func theAccountKeepsItsURLUnderANewKeyAndTheOldOneIsGoodForNothing() async throws {
        try await withPebble { pebble, client, session in
            let account = try await client.makeAccount()
            let new = ACMEKey.make()
            let changed = try await client.changeKey(to: new)
            let order = try await changed.newOrder(["api.example.org"], profile: nil, replaces: nil)
            #expect(order.status == .pending)
            let again = ACMEClient(directory: pebble.directory, key: new, session: session, time: SystemTime())
            let found = try await again.findAccount()
            #expect(found?.url == account.url)
            let old = ACMEClient(directory: pebble.directory, key: client.key, session: session, time: SystemTime())
            let lost = try await old.findAccount()
            #expect(lost == nil)
        }
    }

    @Test func anAccountThatIsThereIsFoundAndItsContactIsChanged() async throws {
        try await withPebble { _, client, _ in
            let made = try await client.makeAccount()
            let found = try await client.account(contact: ["b@example.org"], agreeToTerms: true, external: nil)
            #expect(found.url == made.url)
            #expect(found.contact == ["mailto:b@example.org"])
            let unasked = try await client.account(
                contact: ["mailto:b@example.org"], agreeToTerms: false, external: nil)
            #expect(unasked.url == made.url)
        }
    }

    @Test func whoDoesNotAgreeToTheTermsIsToldWhichSettingItIs() async throws {
        try await withPebble { _, client, _ in
            let error = await #expect(throws: ACMEError.self) {
                _ = try await client.account(contact: [], agreeToTerms: false, external: nil)
            }
            #expect(error?.hint?.contains("acme.agree_to_terms: true") == true)
        }
    }

    @Test func aWrongAnswerIsToldWithTheChallengesOwnWordsAndTheOrderIsGivenUp() async throws {
        try await withPebble { pebble, client, _ in
            try await client.makeAccount()
            let order = try await client.newOrder(["bad.example.org"], profile: nil, replaces: nil)
            try await client.answer(order, by: "http-01", at: try #require(pebble.answerer), wrongly: true)
            let error = await #expect(throws: ACMEError.self) { _ = try await client.authorized(order) { _ in } }
            #expect(error?.message.hasPrefix("bad.example.org is not proven to the CA: ") == true)
            #expect(error?.kind == .problem(type: "unauthorized"), "\(error?.message ?? "")")
            #expect(error?.actionError.retry == .never)
            let given = try await client.order(order.url)
            #expect(given.status == .invalid)
            let second = await #expect(throws: ACMEError.self) { _ = try await client.issued(given) }
            #expect(second?.message.contains("gave up the order for bad.example.org") == true)
        }
    }

    @Test func anAuthorizationThatIsGivenUpMakesItsOrderInvalid() async throws {
        try await withPebble { _, client, _ in
            try await client.makeAccount()
            let order = try await client.newOrder(["api.example.org"], profile: nil, replaces: nil)
            try await client.deactivate(try #require(order.authorizations.first))
            let error = await #expect(throws: ACMEError.self) { _ = try await client.authorized(order) { _ in } }
            #expect(error?.message == "api.example.org is not proven to the CA: the authorization is deactivated")
        }
    }

    @Test func aBlockedNameIsNamedInTheError() async throws {
        var options = Pebble.Options()
        options.blocked = ["blocked.example.org"]
        try await withPebble(options) { _, client, _ in
            try await client.makeAccount()
            let error = await #expect(throws: ACMEError.self) {
                _ = try await client.newOrder(["blocked.example.org"], profile: nil, replaces: nil)
            }
            #expect(error?.kind == .problem(type: "rejectedIdentifier"))
            #expect(error?.message.contains("blocked.example.org") == true)
        }
    }

    @Test func anAccountIsBoundToOneOutsideAndAWrongKeyIsRefused() async throws {
        var options = Pebble.Options()
        let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
        options.externalKeys = ["kid-1": key]
        try await withPebble(options) { _, client, _ in
            let missing = await #expect(throws: ACMEError.self) { _ = try await client.makeAccount() }
            #expect(missing?.hint?.contains("acme.external_account") == true)
            let wrong = ExternalAccount(keyID: "kid-1", key: Secret(String(key.reversed())))
            let refused = await #expect(throws: ACMEError.self) { _ = try await client.makeAccount(external: wrong) }
            #expect(refused?.message.contains("refuses the account") == true)
            let account = try await client.makeAccount(external: .init(keyID: "kid-1", key: Secret(key)))
            #expect(account.status == "valid")
        }
    }

    @Test func aCertificateIsIssuedWhereEveryOtherNonceIsRefused() async throws {
        var options = Pebble.Options()
        options.refusedNonces = 50
        try await withPebble(options) { pebble, client, _ in
            // One request in 64 is refused six times in a row, and says that it may be tried again.
            let issued = try await eventuallyIssued {
                try await client.makeAccount()
                return try await client.issue(["api.example.org"], by: "http-01", at: pebble, key: .make(.p256))
            }
            #expect(issued?.names == ["api.example.org"])
        }
    }

    private func eventuallyIssued(_ body: () async throws -> IssuedCertificate) async throws -> IssuedCertificate? {
        for _ in 0..<20 {
            do { return try await body() } catch let error as ACMEError {
                #expect(error.kind == .problem(type: "badNonce") && error.isTransient, "\(error)")
            }
        }
        return nil
    }

    @Test func thePreferredIssuersChainIsTaken() async throws {
        var options = Pebble.Options()
        options.alternateRoots = 2
        try await withPebble(options) { pebble, client, _ in
            try await client.makeAccount()
            let key = try CertificateKey.make(.p256)
            let usual = try await client.issue(["a.example.org"], by: "http-01", at: pebble, key: key)
            let root = try IssuedCertificate(chain: try await pebble.root(2))
            let preferred = try await client.issue(
                ["b.example.org"], by: "http-01", at: pebble, key: key, preferredIssuer: root.issuerName)
            #expect(usual.issuerName != root.issuerName)
            #expect(preferred.issuerName == root.issuerName)
            let verdict = try await preferred.verified(with: pebble.root(2))
            #expect(verdict.isEmpty)
            let unknown = try await client.issue(
                ["c.example.org"], by: "http-01", at: pebble, key: key, preferredIssuer: "Nobody")
            #expect(unknown.issuerName == usual.issuerName)
        }
    }

    @Test func theListOfOrdersIsReadPageByPage() async throws {
        try await withPebble { _, client, _ in
            try await client.makeAccount()
            var made: Set<String> = []
            for number in 1...7 {
                made.insert(try await client.newOrder(["n\(number).example.org"], profile: nil, replaces: nil).url)
            }
            let listed = try await client.orders()
            #expect(Set(listed) == made)
        }
    }

    @Test func aCAThatTakesItsTimeIsWaitedForAndProgressIsTold() async throws {
        var options = Pebble.Options()
        options.sleeps = true
        try await withPebble(options) { pebble, client, _ in
            try await client.makeAccount()
            let issued = try await client.issue(["api.example.org"], by: "http-01", at: pebble, key: .make(.p256))
            #expect(issued.names == ["api.example.org"])
        }
    }

    @Test func certificatesAreGoodAsLongAsTheCASays() async throws {
        var options = Pebble.Options()
        options.validity = 3600
        try await withPebble(options) { pebble, client, _ in
            try await client.makeAccount()
            let issued = try await client.issue(["api.example.org"], by: "http-01", at: pebble, key: .make(.p256))
            #expect(abs(issued.notAfter.timeIntervalSince(issued.notBefore) - 3600) < 5)
        }
    }
}
