import Domain
import Foundation
import Testing

@Suite struct TrustTests {
    @Test(
        "HMAC-SHA-256 gives the codes of RFC 4231",
        arguments: [
            (
                "Jefe", "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "\u{0b}", count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
        ])
    func hmac(_ key: String, _ text: String, _ wanted: String) throws {
        let code = HMACSHA256.code(for: [Array(text.utf8)], key: Secret(key))
        #expect(Hex.encode(code) == wanted)
        #expect(HMACSHA256.isValid(try #require(Hex.decode(wanted)), for: [Array(text.utf8)], key: Secret(key)))
        #expect(!HMACSHA256.isValid(Array(code.dropLast()), for: [Array(text.utf8)], key: Secret(key)))
        #expect(!HMACSHA256.isValid([], for: [Array(text.utf8)], key: Secret(key)))
        #expect(!HMACSHA256.isValid(code, for: [Array(text.utf8)], key: Secret(key + "x")))
    }

    @Test func theCodeIsOverAllPartsTogether() {
        let key = Secret("secret")
        #expect(HMACSHA256.code(for: [[1, 2], [], [3]], key: key) == HMACSHA256.code(for: [[1, 2, 3]], key: key))
    }

    @Test func comparisonIsOfBytes() {
        #expect(ConstantTime.equals([], []))
        #expect(ConstantTime.equals([1, 2], [1, 2]))
        #expect(!ConstantTime.equals([1, 2], [1, 3]))
        #expect(!ConstantTime.equals([1, 2], [1, 2, 0]))
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
    }

    @Test(
        "hexadecimal",
        arguments: [
            ("00ff10", [0, 255, 16]), ("", []), ("AbCd", [0xab, 0xcd]), ("0", nil), ("0g", nil), ("0x", nil),
            ("é0", nil), (" 0", nil),
        ] as [(String, [UInt8]?)])
    func hex(_ text: String, _ bytes: [UInt8]?) {
        #expect(Hex.decode(text) == bytes)
        if let bytes { #expect(Hex.encode(bytes) == text.lowercased()) }
    }

    @Test func digestIsSHA256() {
        #expect(
            Hex.encode(SHA256Digest.of(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func aSecretPrintsAsAMark() {
        let secret = Secret("hunter22")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), String(describing: [secret]), dumped,
            "\(Mirror(reflecting: secret).children.count)",
        ] {
            #expect(!text.contains("hunter22"))
        }
    }

    static let value = "pa/ss w+rd\"é?ü~x"

    private static func redactor() -> Redactor {
        let redactor = Redactor()
        redactor.add(Secret(value))
        return redactor
    }

    @Test(
        "every form of a secret is taken out",
        arguments: [
            value, Data(value.utf8).base64EncodedString(), Data(("user:" + value).utf8).base64EncodedString(),
            Data(("u:" + value + ":x").utf8).base64EncodedString(),
            Data(("us:" + value).utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: ""),
            value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "",
            value.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? "",
            value.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? "",
            (value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "").lowercased(),
            Hex.encode(value.utf8), Hex.encode(value.utf8).uppercased(), JSONValue.string(value).canonicalText,
            "\"pa\\/ss w+rd\\\"\\u00e9?\\u00fc~x\"",
        ] as [String])
    func redacts(_ form: String) {
        let redacted = TrustTests.redactor().redact("before \(form) after")
        #expect(redacted.contains("<secret>"))
        #expect(redacted.hasPrefix("before ") && redacted.hasSuffix(" after"))
        #expect(!redacted.contains("ss w") && !redacted.contains(form))
    }

    @Test func whatIsNoSecretStays() {
        #expect(TrustTests.redactor().redact("pa/ss and words") == "pa/ss and words")
        let short = Redactor()
        short.add(Secret("abc"))
        #expect(short.redact("abcabc") == "abcabc")
    }

    @Test func valuesAreRedactedInNamesAndTexts() {
        let redactor = Redactor()
        redactor.add(Secret("topsecret"))
        #expect(
            redactor.redact(["a topsecret": ["x topsecret", 1, ["k": "topsecret"]]]) == [
                "a <secret>": ["x <secret>", 1, ["k": "<secret>"]]
            ])
    }

    @Test func theLongerSecretGoesFirstAndOldOnesStayKnown() {
        let redactor = Redactor()
        redactor.add(Secret("secret-one"))
        redactor.add(Secret("secret-one-longer"))
        redactor.add(Secret("another-one\n"))
        #expect(redactor.redact("secret-one-longer secret-one another-one") == "<secret> <secret> <secret>")
    }
}
