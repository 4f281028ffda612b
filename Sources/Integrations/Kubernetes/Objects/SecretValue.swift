import Domain
import Foundation

/// Values of Secrets as objects carry them: base64.
enum SecretValue {
    static func encode(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }

    /// Nil when it is no text in base64, or empty.
    static func decode(_ value: JSONValue?) -> Secret? {
        guard let encoded = value?.stringValue, let data = Data(base64Encoded: encoded), !data.isEmpty else {
            return nil
        }
        return Secret(String(decoding: data, as: UTF8.self))
    }
}
