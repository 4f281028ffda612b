import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Orders, proofs, certificates and failures of the authority (RFC 8555 §7, RFC 9773).
@Suite struct ACMEStandInTests {
    private let name = "api.example.com"

    @Test func theDirectoryNamesWhatThereIs() async throws {
        try await ACMEFixture().run { fixture in
            let directory = try await ask("GET", fixture.authority.url()).json
            for member in ["newNonce", "newAccount", "newOrder", "revokeCert", "keyChange", "renewalInfo"] {
                #expect(directory[member]?.stringValue?.hasPrefix("http://127.0.0.1:") == true)
            }
            #expect(
                directory.at(path: "meta.profiles")?.objectValue?.keys.sorted() == [
                    "classic", "shortlived", "tlsserver",
                ])
            #expect(try await ask("GET", fixture.url("new-nonce")).status == 204)
        }
    }

    @Test(arguments: ACMEProfile.allCases)
    func aCertificateHoldsAsLongAsItsProfileSays(profile: ACMEProfile) async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let issue = try await fixture.issue(
                ["*.example.com", name], as: account, ["profile": .string(profile.rawValue)])
            #expect(issue.names == ["*.example.com", name])
            #expect(issue.notBefore == fixture.time.now.addingTimeInterval(-3600))
            #expect(issue.notAfter.timeIntervalSince(issue.notBefore) == Double(profile.days) * 86_400 - 1)
            #expect(fixture.authority.orderCount == 1)
        }
    }

    @Test(
        arguments: [
            ([:], ["notBefore": "2026-01-01T00:00:00Z"], "malformed"), ([:], ["profile": "long"], "invalidProfile"),
            (["value": "no_name.example.com"], [:], "rejectedIdentifier"),
            (["value": "com"], [:], "rejectedIdentifier"),
            (["value": "a.*.example.com"], [:], "rejectedIdentifier"), (["type": "ip"], [:], "unsupportedIdentifier"),
            ([:], ["replaces": "a.b"], "malformed"),
        ] as [([String: JSONValue], [String: JSONValue], String)])
    func aWrongOrderIsRefused(
        identifier: [String: JSONValue], more: [String: JSONValue], problem: String
    ) async throws {
        try await ACMEFixture().run { fixture in
            let one: [String: JSONValue] = ["type": "dns", "value": .string(name)]
            var payload = more
            payload["identifiers"] = [.object(one.merging(identifier) { $1 })]
            let answer = try await fixture.post(
                fixture.url("new-order"), .object(payload), as: try await fixture.account())
            #expect(try ACMEFixture.problem(answer) == problem)
            #expect(fixture.authority.orderCount == 0)
        }
    }

    @Test func anOrderHasAHundredNamesAtMost() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let names = (0..<101).map { "n\($0).example.com" }
            #expect(try await fixture.order(Array(names.prefix(100)), as: account).status == 201)
            let answer = try await fixture.order(names, as: account)
            #expect(try ACMEFixture.problem(answer) == "malformed")
        }
    }

    @Test func aWildcardIsProvenInDNSOnly() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let order = try await fixture.order(["*.example.com"], as: account).json
            let authorization = try await fixture.post(
                order.at(path: "authorizations.0")?.stringValue ?? "", nil, as: account
            ).json
            #expect(authorization["wildcard"] == true)
            #expect(authorization.at(path: "identifier.value") == "example.com")
            #expect(authorization["challenges"]?.arrayValue?.map { $0["type"] } == ["dns-01"])
        }
    }

    @Test func aProofThatIsNotAcceptedEndsTheOrder() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            fixture.authority.failures.unproven = [name]
            let order = try await fixture.order([name], as: account)
            #expect(try await fixture.proven(order, as: account)["status"] == "invalid")
            let url = try order.json.at(path: "authorizations.0")?.stringValue ?? ""
            let authorization = try await fixture.post(url, nil, as: account).json
            #expect(authorization["challenges"]?.arrayValue?.count == 1)
            #expect(
                authorization.at(path: "challenges.0.error.type") == "urn:ietf:params:acme:error:unauthorized")
            let answer = try await fixture.finalize(order.json, [name], as: account)
            #expect(try ACMEFixture.problem(answer) == "orderNotReady")
        }
    }

    @Test func aRequestForOtherNamesIsRefused() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let order = try await fixture.proven(try await fixture.order([name], as: account), as: account)
            let answer = try await fixture.finalize(order, [name, "www.example.com"], as: account)
            #expect(try ACMEFixture.problem(answer) == "badCSR")
            #expect(fixture.authority.issued.isEmpty)
        }
    }

    @Test func aSlowOrderSaysWhenToLookAgain() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            fixture.authority.failures.processing = 30
            let made = try await fixture.order([name], as: account)
            let order = try await fixture.proven(made, as: account)
            let answer = try await fixture.finalize(order, [name], as: account)
            #expect(try answer.json["status"] == "processing")
            #expect(answer.headers["retry-after"] == "30")
            #expect(fixture.authority.issued.isEmpty)
            fixture.time.advance(by: .seconds(30))
            let later = try await fixture.post(made.headers["location"] ?? "", nil, as: account)
            #expect(try later.json["status"] == "valid")
            #expect(later.headers["retry-after"] == nil)
            #expect(fixture.authority.issued.count == 1)
        }
    }

    @Test func anOrderThatFailsAtTheEndSaysWhy() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            fixture.authority.failures.counts[.invalidOrder] = FailureCount(1)
            let order = try await fixture.proven(try await fixture.order([name], as: account), as: account)
            let answer = try await fixture.finalize(order, [name], as: account).json
            #expect(answer["status"] == "invalid")
            #expect(answer.at(path: "error.type") == "urn:ietf:params:acme:error:serverInternal")
            #expect(fixture.authority.failures.counts.isEmpty)
        }
    }

    @Test func aCertificateIsReplacedByOneOrderOnly() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            let first = try await fixture.issue([name], as: account)
            let replaces: [String: JSONValue] = ["replaces": .string(first.certID)]
            let stranger = try await fixture.order(["other.example.com"], as: account, replaces)
            #expect(try ACMEFixture.problem(stranger) == "malformed")
            #expect(try await fixture.order([name], as: account, replaces).status == 201)
            let second = try await fixture.order([name], as: account, replaces)
            #expect(second.status == 409)
            #expect(try ACMEFixture.problem(second) == "alreadyReplaced")
            // The order that was to replace it runs out.
            fixture.time.advance(by: .seconds(7 * 86_400))
            #expect(try await fixture.order([name], as: account, replaces).status == 201)
        }
    }

    @Test func renewalInformationFollowsTheCertificate() async throws {
        try await ACMEFixture().run { fixture in
            let issue = try await fixture.issue([name], as: try await fixture.account())
            let url = try await fixture.url("renewal-info/\(issue.certID)")
            let usual = try await ask("GET", url)
            #expect(usual.headers["retry-after"] == "21600")
            let start = try usual.json.at(path: "suggestedWindow.start")?.stringValue ?? ""
            let begins = try Date(start, strategy: .iso8601).timeIntervalSince(issue.notBefore)
            #expect(abs(begins - 60 * 86_400) < 2)
            let now = fixture.time.now
            fixture.authority.setRenewalWindow(
                .init(start: now, end: now.addingTimeInterval(60), explanation: "https://example.com/why"),
                of: issue.certID)
            #expect(try await ask("GET", url).json["explanationURL"] == "https://example.com/why")
            #expect(try await ask("GET", fixture.url("renewal-info/a.b")).status == 404)
        }
    }

    @Test func proofsThatHoldServeAgainWhereTheAuthorityWantsIt() async throws {
        try await ACMEFixture { $0.reusesProofs = true }.run { fixture in
            let account = try await fixture.account()
            _ = try await fixture.issue([name], as: account)
            #expect(try await fixture.order([name], as: account).json["status"] == "ready")
            fixture.time.advance(by: .seconds(30 * 86_400))
            #expect(try await fixture.order([name], as: account).json["status"] == "pending")
        }
    }

    @Test func anAccountsOrdersAreListedByPages() async throws {
        try await ACMEFixture { $0.ordersOnPage = 2 }.run { fixture in
            let account = try await fixture.account()
            for _ in 0..<3 { _ = try await fixture.order([name], as: account) }
            let url = try await fixture.post(account, nil, as: account).json["orders"]?.stringValue ?? ""
            let first = try await fixture.post(url, nil, as: account)
            #expect(try first.json["orders"]?.arrayValue?.count == 2)
            #expect(first.headers["link"]?.contains("<\(url)/1>;rel=\"next\"") == true)
            let second = try await fixture.post(url + "/1", nil, as: account)
            #expect(try second.json["orders"]?.arrayValue?.count == 1)
            #expect(second.headers["link"]?.contains("next") == false)
        }
    }

    @Test func failuresAreUsedUpOneRequestAtATime() async throws {
        try await ACMEFixture().run { fixture in
            let account = try await fixture.account()
            fixture.authority.failures.counts[.rateLimited] = FailureCount(1, methods: "newOrder")
            let limited = try await fixture.order([name], as: account)
            #expect(limited.status == 429 && limited.headers["retry-after"] == "86400")
            #expect(try ACMEFixture.problem(limited) == "rateLimited")
            fixture.authority.failures.counts[.unavailable] = FailureCount(1)
            #expect(try await ask("GET", fixture.authority.url()).status == 503)
            fixture.authority.failures.counts[.resetAfterwards] = FailureCount(1, methods: "newOrder")
            await #expect(throws: (any Error).self) { try await fixture.order([name], as: account) }
            #expect(fixture.authority.orderCount == 1)
            #expect(try await fixture.order([name], as: account).status == 201)
        }
    }

    @Test func aWebServerThatIsNotThereIsNoProof() async throws {
        let port = try FreePort.take()
        try await ACMEFixture(port: port).run { fixture in
            let account = try await fixture.account()
            let order = try await fixture.order([name], as: account)
            let url = try order.json.at(path: "authorizations.0")?.stringValue ?? ""
            let challenges = try await fixture.post(url, nil, as: account).json["challenges"]?.arrayValue ?? []
            let web = challenges.first { $0["type"] == "http-01" }?["url"]?.stringValue ?? ""
            _ = try await fixture.post(web, [:], as: account)
            let settled = try await eventually {
                let challenge = try await fixture.post(web, nil, as: account).json
                return challenge["status"] == "processing" ? nil : challenge
            }
            #expect(settled?.at(path: "error.type") == "urn:ietf:params:acme:error:connection")
        }
    }

    @Test func failuresCanBeSetFromOutside() async throws {
        try await ACMEFixture().run { fixture in
            let url = try await fixture.authority.url().replacing("acme/directory", with: "_sandbox/failures")
            let answer = try await ask(
                "PUT", url, [], #"{"badNonce": 2, "unproven": ["*"], "processing": 5, "retryAfter": 60}"#)
            #expect(answer.status == 200)
            let failures = fixture.authority.failures
            #expect(failures.counts[.badNonce]?.left == 2 && failures.unproven == ["*"])
            #expect(failures.processing == 5 && failures.retryAfter == 60)
            let wrong = try await ask("PATCH", url, [], #"{"refusedNonces": 101}"#)
            #expect(wrong.status == 400)
            #expect(try wrong.json["detail"]?.stringValue?.contains("from 0 to 100") == true)
        }
    }

    @Test func everySwitchGoesOnAndOff() async throws {
        let authority = try ACMEFixture().authority
        for one in authority.failureSwitches {
            await one.set(true)
            #expect(await one.isOn(), "\(one.id)")
            await one.set(false)
            #expect(await !one.isOn(), "\(one.id)")
        }
        #expect(authority.failures == ACMEFailures())
    }
}
