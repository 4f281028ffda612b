import Domain
import TestSupport
import Testing

@testable import ACME

@Suite struct ChallengeTests {
    private func challenge(token: String, status: String = "pending") throws -> ACMEChallenge {
        try ACMEChallenge(
            .object([
                "type": .string("http-01"), "url": .string("https://ca.example/1"), "status": .string(status),
                "token": .string(token),
            ]))
    }

    @Test(arguments: [(128, true), (129, false)])
    func aTokenMayBeSoLongAndNoLonger(_ length: Int, _ isRead: Bool) {
        let token = String(repeating: "a", count: length)
        #expect(((try? challenge(token: token)) != nil) == isRead)
    }

    @Test(arguments: ["../../etc", "a b", "a/b", "é", "a.b"])
    func aTokenThatIsNoBase64urlIsRefused(_ token: String) {
        #expect(throws: ACMEError.self) { try challenge(token: token) }
    }

    @Test func aChallengeOfAKindWithoutATokenIsRead() throws {
        #expect(try challenge(token: "").token.isEmpty)
    }

    @Test func anUnknownStatusIsStrange() {
        let error = #expect(throws: ACMEError.self) { try challenge(token: "a", status: "deferred") }
        #expect(error?.message == "the CA's challenge has an unknown status: 'deferred'")
    }
}
