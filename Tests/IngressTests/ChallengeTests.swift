import Domain
import Outbound
import TestSupport
import Testing

@testable import Ingress

@Suite struct ChallengeTests {
    private static let path = "/.well-known/acme-challenge/"

    @Test func `an answer is given out as it was put in, until it is removed`() async throws {
        let answers = ChallengeAnswers()
        try await withIngress(challenges: answers) { ingress, _ in
            #expect(answers.put("token-1_A.thumbprint", for: "token-1_A"))
            let answer = try await ingress.get(Self.path + "token-1_A")
            #expect(answer.status == 200)
            #expect(answer.text == "token-1_A.thumbprint")
            #expect(answer.headers["content-type"] == "application/octet-stream")
            #expect(answer.headers["cache-control"] == "no-store")
            answers.remove("token-1_A")
            let gone = try await ingress.get(Self.path + "token-1_A")
            #expect(gone.status == 404)
        }
    }

    @Test func `an unknown token is not there, and nobody is told of it`() async throws {
        try await withIngress(challenges: ChallengeAnswers()) { ingress, _ in
            for token in ["unknown", "", "a/b", "..%2Fhealthz"] {
                let answer = try await ingress.get(Self.path + token)
                #expect(answer.status == 404)
            }
            #expect(ingress.observer.refused.allSatisfy { $0.source != Source("acme") })
            let wrong = try await ingress.http.send(
                HTTPRequest(method: "PUT", url: ingress.base + Self.path + "unknown", body: Array("x".utf8)))
            #expect(wrong.status == 405)
        }
    }

    @Test(arguments: [(128, 200), (129, 404)]) func `tokens have 128 characters at most`(
        _ length: Int, _ status: Int
    ) async throws {
        let token = String(repeating: "a", count: length)
        let answers = ChallengeAnswers()
        #expect(answers.put("x", for: token))
        try await withIngress(challenges: answers) { ingress, _ in
            let answer = try await ingress.get(Self.path + token)
            #expect(answer.status == status)
        }
    }

    @Test func `a token with other characters is none, even where it was put in`() async throws {
        let answers = ChallengeAnswers()
        for token in ["a+b", "a%20b", "a=", "ä"] { #expect(answers.put("x", for: token)) }
        try await withIngress(challenges: answers) { ingress, _ in
            for token in ["a+b", "a%20b", "a=", "%C3%A4"] {
                let answer = try await ingress.get(Self.path + token)
                #expect(answer.status == 404)
            }
        }
    }

    @Test func `a listener of its own answers challenges and nothing else, in plain HTTP beside TLS`() async throws {
        let answers = ChallengeAnswers()
        #expect(answers.put("answer", for: "token"))
        try await withIngress(challenges: answers, hasChallengeListener: true, tls: ServedCertificate()) { ingress, _ in
            let base = "http://127.0.0.1:\(try #require(ingress.challengePort))"
            func status(_ path: String, _ method: String = "GET") async throws -> Int {
                try await ingress.http.send(HTTPRequest(method: method, url: base + path)).status
            }
            let found = [
                try await status(Self.path + "token"), try await status(Self.path + "other"),
                try await status("/healthz"), try await status("/metrics"), try await status("/webhooks/test", "POST"),
            ]
            #expect(found == [200, 404, 404, 404, 404])
        }
    }

    @Test func `without challenges there is no such path`() async throws {
        try await withIngress { ingress, _ in
            let answer = try await ingress.get(Self.path + "token")
            #expect(answer.status == 404)
            #expect(ingress.observer.refused.count == 1)
        }
    }
}
