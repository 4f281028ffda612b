import Domain
import Foundation
import Testing

@Suite struct ExpiryTests {
    private func token(_ claims: String) -> Secret {
        let body = Data(claims.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return Secret("eyJhbGciOiJub25lIn0.\(body).c2lnbmF0dXJl")
    }

    @Test func `a JSON Web Token says when it ends and when it began`() {
        let expiry = Expiry(name: "token", token: token(#"{"sub":"a?>","iat":1700000000,"exp":1700003600}"#))
        #expect(expiry?.endsAt == Date(timeIntervalSince1970: 1_700_003_600))
        #expect(expiry?.beganAt == Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test(arguments: [#"{"sub":"a"}"#, "[]", "no JSON", #"{"exp":"soon"}"#])
    func `a token without an end has none`(claims: String) {
        #expect(Expiry(name: "token", token: token(claims)) == nil)
    }

    @Test(arguments: ["", "xoxb-1-2-3", "a.b.c", "..", "a.b", "192.168.0.1"])
    func `other secrets are no tokens`(text: String) {
        #expect(Expiry(name: "token", token: Secret(text)) == nil)
    }
}
