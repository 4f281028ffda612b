import Domain
import Foundation
import Testing

@testable import Registry

@Suite struct TokenAnswerTests {
    private func read(_ text: String) -> TokenAnswer? { TokenAnswer(Array(text.utf8), asked: Fixture.now) }

    @Test(
        arguments: [
            (#"{"token":"abc","expires_in":300}"#, 290), (#"{"access_token":"abc"}"#, 50),
            (#"{"token":"abc","expires_in":300,"issued_at":"2026-09-21T14:12:20Z"}"#, 230),
            // A clock ahead of ours says nothing.
            (#"{"token":"abc","expires_in":300,"issued_at":"2026-09-21T18:00:00Z"}"#, 290),
            (#"{"token":"abc","expires_in":300,"issued_at":"yesterday"}"#, 290),
            (#"{"token":"abc","expires_in":-5}"#, -10), (#"{"token":"abc","expires_in":99999999}"#, 86_390),
        ] as [(String, Double)])
    func aTokenIsUsedUntilShortlyBeforeItsEnd(text: String, seconds: Double) throws {
        let answer = try #require(read(text))
        #expect(answer.token.reveal() == "abc")
        #expect(answer.until == Fixture.now.addingTimeInterval(seconds))
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"token":""}"#, #"{"token":"a b"}"#, #"{"token":"a\r\nX: y"}"#, #"{"token":7}"#,
    ])
    func whatHoldsNoTokenIsNone(text: String) {
        #expect(read(text) == nil)
    }

    @Test func aTokenHasABound() {
        let most = String(repeating: "x", count: TokenAnswer.longestToken)
        #expect(read(#"{"token":"\#(most)"}"#) != nil)
        #expect(read(#"{"token":"\#(most)x"}"#) == nil)
    }

    @Test func onlyGoodAuthorizationsAreRememberedAndNotWithoutEnd() {
        let cache = AuthorizationCache()
        let now = Fixture.now
        cache.remember(.bearer(Secret("t"), until: now.addingTimeInterval(10)), for: "a", at: now)
        #expect(cache.authorization(for: "a", at: now.addingTimeInterval(9.9)) != nil)
        #expect(cache.authorization(for: "a", at: now.addingTimeInterval(10)) == nil)
        #expect(cache.authorization(for: "b", at: now) == nil)
        for index in 1..<AuthorizationCache.most { cache.remember(.basic, for: "r\(index)", at: now) }
        #expect(cache.authorization(for: "r1", at: now) == .basic)
        cache.remember(.basic, for: "one more", at: now.addingTimeInterval(20))
        #expect(cache.authorization(for: "r1", at: now) == .basic)
        cache.remember(.basic, for: "and one more", at: now)
        #expect(cache.authorization(for: "r1", at: now) == nil)
        #expect(cache.authorization(for: "and one more", at: now) == .basic)
    }
}
