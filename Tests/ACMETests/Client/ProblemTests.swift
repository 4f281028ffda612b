import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite struct ProblemTests {
    private func refused(
        _ type: String, _ headers: [String: String] = [:], status: Int = 400, more: String = "{}"
    ) async throws -> ACMEError? {
        try await ScriptedCA.run({ request, _ in
            guard request.path == "/order" else { return nil }
            let object = (try? JSONSerialization.jsonObject(with: Data(more.utf8))) as? [String: Any]  // a test's own
            return ScriptedCA.problem(type, "its own words", headers, status: status, more: object ?? [:])
        }) { client, _, _ in
            await #expect(throws: ACMEError.self) {
                _ = try await client.newOrder(["a.example.org"], profile: nil, replaces: nil)
            }
        }
    }

    @Test func aRateLimitSaysWhenToAskAgain() async throws {
        let error = try await refused("rateLimited", ["Retry-After": "120"], status: 429)
        #expect(
            error?.message
                == "the CA 127.0.0.1 refuses the order for a.example.org: too much was asked of it: its own words")
        #expect(error?.hint == "it says to ask again in 2 min; each try before that counts too")
        #expect(error?.retryAfter == .seconds(120))
        #expect(error?.actionError.retry == .later(afterMilliseconds: 120_000))
        #expect(error?.mayHaveTakenEffect == false)
    }

    @Test func whatAPersonMustDoIsNamedByItsLink() async throws {
        let error = try await refused(
            "userActionRequired", status: 403, more: #"{"instance": "https://example.com/agreement"}"#)
        #expect(error?.hint == "open https://example.com/agreement and do what it says")
        #expect(error?.actionError.retry == .never)
    }

    @Test func eachNamesOwnProblemIsTold() async throws {
        let error = try await refused(
            "compound", status: 403,
            more: #"""
                {"subproblems": [
                  {"type": "urn:ietf:params:acme:error:caa", "detail": "first",
                   "identifier": {"type": "dns", "value": "b.example"}},
                  {"type": "urn:ietf:params:acme:error:dns", "detail": "second",
                   "identifier": {"type": "dns", "value": "c.example"}}]}
                """#)
        #expect(
            error?.message.contains("b.example: CAA records forbid it to issue for this name: first; c.example: ")
                == true)
        #expect(error?.hint?.contains("CAA records") == true)
    }

    @Test func anErrorOfTheServerMayHaveTakenEffectAndIsTriedAgain() async throws {
        let error = try await refused("serverInternal", status: 500)
        #expect(error?.mayHaveTakenEffect == true)
        #expect(error?.isTransient == true)
    }

    @Test func whatIsNotThereIsMissing() async throws {
        let error = try await refused("malformed", status: 404)
        #expect(error?.kind == .missing)
    }

    @Test func aTypeThatNobodyKnowsIsToldAsItIs() async throws {
        let error = try await refused("somethingNew")
        #expect(error?.message == "the CA 127.0.0.1 refuses the order for a.example.org: its own words")
        #expect(error?.kind == .problem(type: "somethingNew"))
    }

    @Test func anOrderWhoseCertificateIsReplacedAlreadyIsMadeWithoutSayingSo() async throws {
        try await ScriptedCA.run({ request, authority in
            switch request.path {
            case "/dir":
                return ScriptedCA.json(authority.directory.merging(["renewalInfo": "\(authority.url)/info"]) { $1 })
            case "/order":
                return authority.count("/order") == 1
                    ? ScriptedCA.problem("alreadyReplaced", "replaced", status: 409) : authority.order("pending")
            default: return nil
            }
        }) { client, authority, _ in
            let order = try await client.newOrder(["a.example.org"], profile: nil, replaces: "a.b")
            #expect(order.status == .pending)
            #expect(authority.count("/order") == 2)
        }
    }

    @Test func aProfileThatTheCADoesNotHaveIsRefusedWithThoseItHas() async throws {
        try await ScriptedCA.run({ request, authority in
            guard request.path == "/dir" else { return request.path == "/order" ? authority.order("pending") : nil }
            let meta = ["meta": ["profiles": ["classic": "a", "shortlived": "b"]]]
            return ScriptedCA.json(authority.directory.merging(meta) { $1 })
        }) { client, authority, _ in
            let error = await #expect(throws: ACMEError.self) {
                _ = try await client.newOrder(["a.example.org"], profile: "short", replaces: nil)
            }
            #expect(error?.message == "the CA has no profile 'short'; it has classic, shortlived")
            #expect(authority.count("/order") == 0)
            _ = try await client.newOrder(["a.example.org"], profile: "shortlived", replaces: nil)
            #expect(authority.count("/order") == 1)
        }
    }
}
