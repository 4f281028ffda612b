import Foundation
import Synchronization

/// Knows every secret's value and takes it out of all that leaves: chat, e-mail, log, audit, API, console, errors,
/// output of child processes. Also its base64 (at three alignments), base64url, URL, hexadecimal and JSON forms.
package final class Redactor: Sendable {
    /// What stands in a secret's place.
    package static let mark = "<secret>"
    /// Secrets shorter than this many bytes are not searched for: they would take out ordinary words.
    package static let shortest = 6

    private let forms = Mutex(SecretForms())

    package init() {}

    /// Adds a secret. Old values stay known.
    package func add(_ secret: Secret) {
        let value = secret.reveal()
        var new: Set<String> = []
        for candidate in [value, String(value.trimmed)] where candidate.utf8.count >= Redactor.shortest {
            new.formUnion(Redactor.forms(of: candidate))
        }
        forms.withLock { $0.add(new) }
    }

    /// The text without any secret.
    package func redact(_ text: String) -> String {
        forms.withLock { $0 }.redact(text, mark: Redactor.mark)
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

    private static func forms(of value: String) -> Set<String> {
        let bytes = Array(value.utf8)
        var forms: Set<String> = [value, Hex.encode(bytes), Hex.encode(bytes).uppercased()]
        forms.insert(String(JSONValue.string(value).canonicalText.dropFirst().dropLast()))
        if let escaped = value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { forms.insert(escaped) }
        if let escaped = value.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
        {
            forms.insert(escaped)
            forms.insert(escaped.replacing("%20", with: "+"))
        }
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
}
