import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite struct ConnectionTests {
    @Test func aRequestIsSignedByTheAccountWithTheNewestNonce() async throws {
        try await ScriptedCA.run({ request, authority in
            request.path == "/order" ? authority.order("pending") : nil
        }) { client, authority, _ in
            _ = try await client.account(contact: [], agreeToTerms: true, external: nil)
            _ = try await client.newOrder(["a.example.org"], profile: nil, replaces: "left.out")
            #expect(authority.count("/nonce") == 1)
            #expect(authority.count("/dir") == 1)
        }
    }

    @Test func theSixthRefusedNonceIsTheLast() async throws {
        try await ScriptedCA.run({ request, _ in
            request.path == "/account" ? ScriptedCA.problem("badNonce", "used") : nil
        }) { client, authority, _ in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.findAccount() }
            #expect(error?.kind == .problem(type: "badNonce"))
            #expect(error?.actionError.retry == .later(afterMilliseconds: nil))
            #expect(authority.count("/account") == 6)
        }
    }

    @Test func aRequestWhoseNonceIsRefusedFiveTimesGoesThroughWithNewOnes() async throws {
        try await ScriptedCA.run({ request, authority in
            guard request.path == "/account", authority.count("/account") <= 5 else { return nil }
            return ScriptedCA.problem("badNonce", "used", ["Replay-Nonce": "fresh\(authority.count("/account"))"])
        }) { client, authority, _ in
            let found = try await client.findAccount()
            #expect(found?.status == "valid")
            #expect(authority.count("/nonce") == 1)
        }
    }

    @Test func aPageOfAProxyIsToldAndWorthARetry() async throws {
        try await ScriptedCA.run({ request, _ in
            guard request.path == "/account" else { return nil }
            return ScriptedServer.Answer(
                status: 502, headers: ["Content-Type": "text/html"], body: "<h1>Bad Gateway</h1>")
        }) { client, _, _ in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.findAccount() }
            #expect(error?.kind == .strange)
            #expect(error?.message.contains("502") == true)
            #expect(error?.isTransient == true)
            #expect(error?.mayHaveTakenEffect == true)
        }
    }

    @Test(arguments: [#"{"status": "val"#, "[]", ""])
    func anAnswerThatBrokeOffIsToldAndWorthARetry(_ body: String) async throws {
        try await ScriptedCA.run({ request, _ in
            request.path == "/account"
                ? ScriptedServer.Answer(headers: ["Content-Type": "application/json", "Replay-Nonce": "a"], body: body)
                : nil
        }) { client, _, _ in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.findAccount() }
            #expect(error?.kind == .strange)
            #expect(error?.isTransient == true)
        }
    }

    @Test(arguments: [(ACMEConnection.largestAnswer, true), (ACMEConnection.largestAnswer + 1, false)])
    func anAnswerMayBeSoLargeAndNoLarger(_ size: Int, _ isRead: Bool) async throws {
        let start = #"{"status": "valid", "filler": ""#
        let body = start + String(repeating: "x", count: size - start.utf8.count - 2) + #""}"#
        #expect(body.utf8.count == size)
        try await ScriptedCA.run({ request, authority in
            guard request.path == "/account" else { return nil }
            var answer = ScriptedServer.Answer(body: body)
            answer.headers["Location"] = "\(authority.url)/account/1"
            return answer
        }) { client, _, _ in
            if isRead {
                let found = try await client.findAccount()
                #expect(found != nil)
            } else {
                let error = await #expect(throws: ACMEError.self) { _ = try await client.findAccount() }
                #expect(error?.message.contains("larger than 262144 bytes") == true)
            }
        }
    }

    @Test func aCAThatDoesNotAnswerHasDoneNothing() async throws {
        let port = try FreePort.take()
        try await withSession { session in
            let client = ACMEClient(
                directory: "https://127.0.0.1:\(port)/dir", key: .make(), session: session, time: SystemTime())
            let error = await #expect(throws: ACMEError.self) { _ = try await client.directory() }
            #expect(error?.message == "the CA 127.0.0.1 cannot be reached: connection refused")
            #expect(error?.kind == .unreachable)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(error?.isTransient == true)
        }
    }

    @Test(arguments: ["http://ca.example.org/nonce", "ftp://ca.example.org", "/nonce", "https://", "https://a@b/"])
    func aURLThatIsNotHTTPSIsNotAsked(_ url: String) async throws {
        try await ScriptedCA.run({ request, authority in
            guard request.path == "/dir" else { return nil }
            return ScriptedCA.json(authority.directory.merging(["newNonce": url]) { $1 })
        }) { client, _, _ in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.directory() }
            #expect(error?.message.contains("newNonce is no https URL") == true)
        }
    }

    @Test func aURLMayBeSoLongAndNoLonger() throws {
        let longest = "https://a/" + String(repeating: "x", count: ACMELink.longest - 10)
        #expect(try ACMELink.checked(longest, "order") == longest)
        #expect(throws: ACMEError.self) { try ACMELink.checked(longest + "x", "order") }
    }

    @Test func linksAreReadByTheirRelation() {
        let header = [
            #"<https://a/dir>;rel="index""#, #"<https://a/1,2>; rel="alternate""#,
            #"<https://a/3>;title="x";rel=alternate"#,
            #"<http://a/4>;rel="alternate""#,
        ].joined(separator: ", ")
        #expect(ACMELink.links(header, relation: "alternate") == ["https://a/1,2", "https://a/3"])
        #expect(ACMELink.links(nil, relation: "next").isEmpty)
    }

    @Test func atMostEightNoncesAreKeptTheNewestFirstAndOnlyThoseThatAreOne() {
        let pool = NoncePool()
        for number in 1...9 { pool.keep("n\(number)") }
        pool.keep("no nonce!")
        pool.keep(nil)
        pool.keep(String(repeating: "a", count: 513))
        #expect(pool.count == NoncePool.most)
        #expect(pool.take() == "n9")
        pool.clear()
        #expect(pool.take() == nil)
    }
}
