import Foundation
import Synchronization

/// Knows every secret's value and takes it out of all that leaves: chat, e-mail, log, audit, API, console, errors,
/// output of child processes. Also its base64 (at three alignments), base64url, URL, hexadecimal and JSON forms, and the
/// same of its text without blanks and quotes around it. Of a private key in PEM (RFC 7468) each line counts by itself.
/// Where a text was cut within a secret, the secret's beginning is taken out too. A text is given whole: what arrives in
/// parts (bodies, output of programs) is put together before it becomes one, as `Outbound` does.
package final class Redactor: Sendable {
    /// What stands in a secret's place.
    package static let mark = "<secret>"
    /// Secrets shorter than this many bytes are not searched for: they would take out ordinary words.
    package static let shortest = 6
    /// Lines of a private key that are shorter than this many bytes are not searched for.
    package static let shortestKeyLine = 20

    private let forms = Mutex(SecretForms())

    package init() {}

    /// Adds a secret. Old values stay known. A public key that is kept among secrets is none.
    package func add(_ secret: Secret) {
        let value = secret.reveal()
        guard !PublicKeyText.isOne(value) else { return }
        let trimmed = String(value.trimmed)
        let candidates: Set = [value, trimmed, String(Redactor.unquoted(trimmed).trimmed)]
        var new: Set<String> = []
        for candidate in candidates where candidate.utf8.count >= Redactor.shortest {
            new.formUnion(Redactor.forms(of: candidate))
        }
        for line in Redactor.keyLines(of: value) { new.formUnion(Redactor.forms(of: line)) }
        forms.withLock { $0.add(new) }
    }

    /// The text without any secret.
    package func redact(_ text: String) -> String {
        current.redact(text, mark: Redactor.mark)
    }

    private var current: SecretForms {
        forms.withLock { forms in
            forms.sort()
            return forms
        }
    }

    /// The value with every text in it, names of members too, without any secret.
    package func redact(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(redact(text))
        case .array(let items): .array(items.map(redact))
        case .object(let members):
            .object(
                Dictionary(members.map { (redact($0.key), redact($0.value)) }, uniquingKeysWith: { first, _ in first }))
        default: value
        }
    }

    private static func unquoted(_ text: String) -> Substring {
        guard text.utf8.count >= 2, let first = text.first, first == text.last, "\"'`".contains(first) else {
            return text[...]
        }
        return text.dropFirst().dropLast()
    }

    /// The lines of the private keys in a text, also where their line feeds are written as in JSON.
    private static func keyLines(of value: String) -> Set<String> {
        guard value.contains("PRIVATE KEY-----") else { return [] }
        var lines: Set<String> = []
        var isInside = false
        for part in value.replacing("\\r", with: "").replacing("\\n", with: "\n").split(whereSeparator: \.isNewline) {
            if part.contains("-----BEGIN") {
                isInside = part.contains("PRIVATE KEY-----")
            } else if part.contains("-----END") {
                isInside = false
            } else if isInside, part.trimmed.utf8.count >= shortestKeyLine {
                lines.insert(String(part.trimmed))
            }
        }
        return lines
    }

    private static func forms(of value: String) -> Set<String> {
        let bytes = Array(value.utf8)
        var forms: Set<String> = [value, Hex.encode(bytes), Hex.encode(bytes).uppercased()]
        forms.formUnion(jsonForms(of: value))
        forms.formUnion(urlForms(of: bytes))
        // Within a longer base64 text the value may begin at any of three offsets; the characters that also hold
        // neighbouring bits are left out.
        for offset in 0..<3 {
            let padded = [UInt8](repeating: 0, count: offset) + bytes
            let encoded = Data(padded).base64EncodedString().filter { $0 != "=" }
            let first = offset == 0 ? 0 : offset + 1
            let last = padded.count % 3 == 0 ? encoded.count : encoded.count - 1
            guard last > first else { continue }
            let core = String(encoded.dropFirst(first).prefix(last - first))
            guard core.utf8.count >= shortest else { continue }
            forms.insert(core)
            forms.insert(core.replacing("+", with: "-").replacing("/", with: "_"))
        }
        return forms
    }

    /// In JSON a slash may be escaped (Foundation does), so may `<`, `>` and `&` (Go does) and all that is not ASCII.
    private static func jsonForms(of value: String) -> Set<String> {
        let plain = String(JSONValue.string(value).canonicalText.dropFirst().dropLast())
        let slashed = plain.replacing("/", with: "\\/")
        var forms: Set<String> = []
        for text in [plain, slashed] {
            for isUpper in [false, true] {
                func escaped(_ wanted: (UTF16.CodeUnit) -> Bool) -> String {
                    text.utf16.map { unit in
                        guard wanted(unit) else { return String(decoding: [unit], as: UTF16.self) }
                        let digits = String(unit, radix: 16, uppercase: isUpper)
                        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }.joined()
                }
                let isMarkup: (UTF16.CodeUnit) -> Bool = { [0x26, 0x3c, 0x3e].contains($0) }
                forms.insert(escaped { $0 > 0x7e })
                forms.insert(escaped { $0 > 0x7e || isMarkup($0) })
                // Half of a pair cannot be written alone, so pairs stay whole where they are not escaped.
                forms.insert(
                    text.map { String($0).utf16.allSatisfy(isMarkup) ? escapedMarkup($0, isUpper) : String($0) }
                        .joined())
            }
            forms.insert(text)
        }
        return forms
    }

    private static func escapedMarkup(_ character: Character, _ isUpper: Bool) -> String {
        character.utf16.map { "\\u00" + String($0, radix: 16, uppercase: isUpper) }.joined()
    }

    /// Percent-encoded (RFC 3986 §2.1), by everybody's idea of what need not be, with digits of either case.
    private static func urlForms(of bytes: [UInt8]) -> Set<String> {
        let unreserved = "-._~"
        let kept = [
            "", unreserved, "-._*", unreserved + "!$&'()*+,;=:@", unreserved + "!$&'()*+,;=:@/",
            unreserved + "!$&'()*+,;=:@/?", unreserved + "!'()*",
        ]
        var forms: Set<String> = []
        for characters in kept {
            let allowed = Set(characters.utf8)
            for digits in [Array("0123456789ABCDEF"), Array("0123456789abcdef")] {
                var text = ""
                for byte in bytes {
                    let isAlphanumeric =
                        byte < 0x80
                        && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
                    if isAlphanumeric || allowed.contains(byte) {
                        text.unicodeScalars.append(UnicodeScalar(byte))
                    } else {
                        text += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
                    }
                }
                forms.insert(text)
                forms.insert(text.replacing("%20", with: "+"))
            }
        }
        return forms
    }
}
