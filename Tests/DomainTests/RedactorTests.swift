import Domain
import Foundation
import Testing

@Suite struct RedactorTests {
    private let redactor: Redactor = {
        let redactor = Redactor()
        for secret in ["hunter2-and-more", "hunter2-and-more-still", "pässwörd \"quoted\""] {
            redactor.add(Secret(secret))
        }
        return redactor
    }()

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("nothing to hide here", "nothing to hide here"),
        ("hunter2-and-more", "<secret>"), ("<hunter2-and-more>", "<<secret>>"),
        ("hunter2-and-more-still", "<secret>"), ("hunter2-and-morehunter2-and-more!", "<secret><secret>!"),
        ("(hunter2-and-mor)", "(hunter2-and-mor)"), ("hunter2-and", "hunter2-and"),
        // Cut within a secret: the beginning of it goes too.
        ("said hunter2-and-mor", "said <secret>"), ("said hunter2-and-more-st… (500)", "said <secret>… (500)"),
        ("log: hunter2-and-mor\n… (cut)", "log: <secret>\n… (cut)"),
        ("no user 'hunter2-and-mor' here", "no user '<secret>' here"),
        ("name=\"hunter2-and-mor\"", "name=\"<secret>\""), ("say 'hunter2-an'", "say 'hunter2-an'"),
        ("ähunter2-and-more\u{301}", "ä<secret>\u{301}"),
        ("hunthunter2-and-more", "hunt<secret>"),
    ])
    func valuesAreTakenOut(text: String, expected: String) {
        #expect(redactor.redact(text) == expected)
    }

    @Test func otherFormsAreTakenOut() {
        let value = "pässwörd \"quoted\""
        let bytes = Array(value.utf8)
        let forms = [
            Hex.encode(bytes), Data(bytes).base64EncodedString(), Data([1] + bytes + [2]).base64EncodedString(),
            Data([1, 2] + bytes + [3]).base64EncodedString(), JSONValue.string(value).canonicalText,
            value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "",
        ]
        for form in forms { #expect(redactor.redact("x \(form) y").contains("<secret>"), "\(form)") }
    }

    @Test func membersOfJSONAreTakenOut() {
        let value: JSONValue = ["hunter2-and-more": ["list": ["hunter2-and-more", 1]]]
        #expect(redactor.redact(value) == ["<secret>": ["list": ["<secret>", 1]]])
    }

    @Test(arguments: ["  spaced-out-value \n", "\"spaced-out-value\"", "'spaced-out-value'", " \"spaced-out-value\"\n"])
    func aValueIsKnownWithoutTheBlanksAndQuotesAroundIt(value: String) {
        let redactor = Redactor()
        redactor.add(Secret(value))
        #expect(redactor.redact("x=spaced-out-value;") == "x=<secret>;")
        #expect(!redactor.redact(Data("a spaced-out-value".utf8).base64EncodedString()).contains("c3BhY2VkLW91"))
    }

    private static let keyLine = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    private static let lastKeyLine = "Zk0wVxqKqkq5cX9vLwq+abc="
    private static let key = """
        -----BEGIN CERTIFICATE-----
        MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw
        -----END CERTIFICATE-----
        -----BEGIN PRIVATE KEY-----
        \(keyLine)
        \(lastKeyLine)
        -----END PRIVATE KEY-----

        """

    @Test(arguments: [
        key, key.replacing("\n", with: "\r\n"), "{\"private_key\":\"\(key.replacing("\n", with: "\\n"))\"}",
    ])
    func theLinesOfAPrivateKeyAreSecretsEach(value: String) {
        let redactor = Redactor()
        redactor.add(Secret(value))
        for line in [Self.keyLine, Self.lastKeyLine] {
            #expect(redactor.redact("pod log: \(line)!") == "pod log: <secret>!")
            #expect(!redactor.redact(JSONValue.string(line).canonicalText).contains(line))
        }
        // A certificate is no secret.
        let certificate = "MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw"
        #expect(redactor.redact(certificate) == certificate)
    }

    @Test func manySecretsWithOneBeginningAreFoundEach() {
        let redactor = Redactor()
        let values = (0..<2000).map { "ghp_\(String($0 * 7919, radix: 36))-token-\($0)" }
        for value in values { redactor.add(Secret(value)) }
        redactor.add(Secret("ghp_"))  // too short to be searched for
        for value in values {
            #expect(redactor.redact("<\(value)>") == "<<secret>>")
            #expect(redactor.redact("\(value.dropLast(1))!").hasPrefix("ghp_") || value.hasSuffix("0"))
        }
        #expect(redactor.redact("ghp_none-of-them") == "ghp_none-of-them")
    }

    @Test func aVeryLongSecretIsFound() {
        let long = (0..<20_000).map { String($0, radix: 36) }.joined()
        let redactor = Redactor()
        redactor.add(Secret(long))
        #expect(redactor.redact("a \(long) b \(Data(long.utf8).base64EncodedString())") == "a <secret> b <secret>")
    }
}
