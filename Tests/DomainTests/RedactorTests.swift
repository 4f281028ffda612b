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
        ("hunter2-and-mor", "hunter2-and-mor"), ("ähunter2-and-more\u{301}", "ä<secret>\u{301}"),
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
}
