import Foundation
import Testing

@testable import Registry

@Suite struct AuthenticationChallengeTests {
    @Test func aBearerChallengeIsRead() {
        let header =
            #"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:acme/api:pull,push""#
        #expect(
            AuthenticationChallenge.read(header) == [
                AuthenticationChallenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.example.com/token", "service": "registry.example.com",
                        "scope": "repository:acme/api:pull,push",
                    ])
            ])
    }

    @Test(
        arguments: [
            (#"Basic realm="x", Bearer realm="y",service=z"#, ["basic realm=x", "bearer realm=y service=z"]),
            (#"bEARER  REALM = "y" , Service=z"#, ["bearer realm=y service=z"]),
            (#"Bearer realm="a \"b\" \\ , c=\"d\"""#, [#"bearer realm=a "b" \ , c="d""#]),
            (#"Negotiate, Basic realm="x""#, ["negotiate", "basic realm=x"]),
            (#"Negotiate , Basic realm="x""#, ["negotiate", "basic realm=x"]),
            (#"Negotiate abc/+def==, Bearer realm="x""#, ["negotiate", "bearer realm=x"]),
            (#"NTLM abcdef, Bearer realm="x""#, ["ntlm", "bearer realm=x"]),
            ("Basic", ["basic"]),
            (#",, ,Basic realm="x",,"#, ["basic realm=x"]),
            (#"Bearer realm="x",realm="evil""#, ["bearer realm=x"]),
            (#"Bearer error="invalid_token""#, ["bearer error=invalid_token"]),
            ("", []), ("=", []), ("\"", []), ("  ", []),
            (#"Bearer realm="no end"#, ["bearer"]), (#"Bearer realm="no end\"#, ["bearer"]),
        ] as [(String, [String])])
    func anyFormOfTheRFCIsRead(header: String, expected: [String]) {
        let read = AuthenticationChallenge.read(header).map { challenge in
            ([challenge.scheme] + challenge.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
                .joined(separator: " ")
        }
        #expect(read == expected)
    }

    @Test func aHeaderIsReadToItsBound() {
        let padding = String(repeating: " ", count: AuthenticationChallenge.longest - 5)
        #expect(AuthenticationChallenge.read(padding + "Basic") == [AuthenticationChallenge(scheme: "basic")])
        #expect(AuthenticationChallenge.read(padding + " Basic") == [AuthenticationChallenge(scheme: "basi")])
    }

    @Test func noBytesMakeItFail() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"Bearer realm="x\,= abc/"#.utf8) + [0, 0xff]
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            _ = AuthenticationChallenge.read(String(decoding: bytes, as: UTF8.self))
        }
    }
}
