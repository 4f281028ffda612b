import Domain
import Foundation
import TestSupport
import Testing

/// Secrets of the bot in every form by which they could be told, and what looks for them.
struct PlantedSecrets {
    struct Form {
        var name: String
        var text: String
        /// The part of it that hangs on the secret alone.
        var trace: String
    }

    /// A token of letters and digits.
    let plain: String
    /// With blanks around it and signs that URLs and JSON change; nothing but these forms has `core` in it.
    let awkward: String
    private let core: String

    init(plain: String) {
        self.plain = plain
        core = UUID().uuidString.replacing("-", with: "").lowercased()
        awkward = "  q\"/\\ \(core)+ &% end "
    }

    var forms: [Form] { plainForms + awkwardForms }

    var plainForms: [Form] {
        PlantedSecrets.encodings(of: plain, "the token") + [
            whole("the token, raw", plain),
            whole("the token, URL-encoded", PlantedSecrets.percent(plain)),
            whole("the token, in JSON", JSONValue.string(plain).canonicalText.replacing("\"", with: "")),
        ]
    }

    private var awkwardForms: [Form] {
        let trimmed = String(awkward.trimmed)
        func cored(_ name: String, _ text: String) -> Form { Form(name: name, text: text, trace: core) }
        return PlantedSecrets.encodings(of: awkward, "the awkward one")
            + PlantedSecrets.encodings(of: trimmed, "the awkward one, trimmed") + [
                cored("the awkward one, raw", awkward), cored("the awkward one, trimmed", trimmed),
                cored("the awkward one, URL-encoded", PlantedSecrets.percent(awkward)),
                cored("the awkward one, as in a form", PlantedSecrets.percent(trimmed).replacing("%20", with: "+")),
                cored(
                    "the awkward one, in JSON", String(JSONValue.string(trimmed).canonicalText.dropFirst().dropLast())),
            ]
    }

    private static func encodings(of secret: String, _ name: String) -> [Form] {
        let bytes = Array(secret.utf8)
        func base64(_ before: [UInt8]) -> String { Data(before + bytes).base64EncodedString() }
        func inner(_ form: String, _ text: String) -> Form {
            Form(name: "\(name), \(form)", text: text, trace: String(text.dropFirst(4).prefix(24)))
        }
        return [
            inner("base64", base64([])), inner("base64 after one byte", base64([65])),
            inner("base64 after two bytes", base64([65, 66])),
            inner("base64url", base64([]).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")),
            Form(name: "\(name), hexadecimal", text: Hex.encode(bytes), trace: Hex.encode(bytes)),
            Form(
                name: "\(name), capital hexadecimal", text: Hex.encode(bytes).uppercased(),
                trace: Hex.encode(bytes).uppercased()),
        ]
    }

    private func whole(_ name: String, _ text: String) -> Form { Form(name: name, text: text, trace: text) }

    private static func percent(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    func expectClean(_ text: String, _ sink: String) {
        for form in forms where text.contains(form.trace) {
            let place = text.range(of: form.trace).map { text[..<$0.lowerBound].suffix(200) } ?? ""
            Issue.record("\(sink) holds a secret, \(form.name), behind: \(place)")
        }
    }

    /// The sink has nothing of a secret, and shows that one was to come out there.
    func expectRedacted(_ text: String?, _ sink: String, marks: Int = 1) {
        guard let text else { return _ = Issue.record("there is no \(sink)") }
        expectClean(text, sink)
        let count = text.components(separatedBy: Redactor.mark).count - 1
        #expect(count >= marks, "\(sink) has \(count) of \(marks) marks: \(text.prefix(1000))")
    }
}
