import Crypto
package import Domain
import Foundation

/// Ids by which Google knows a repeated request again.
package enum RequestID {
    /// A UUID of version 5 (RFC 9562 §5.5): the same for the same key and words. `key` is the step's idempotency key.
    package static func derived(from key: String, _ words: String) -> String {
        var bytes = Array(Insecure.SHA1.hash(data: Array("\(key)\n\(words)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        let hex = Array(Hex.encode(bytes))
        return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }
            .joined(separator: "-")
    }

    /// The step's own id; one that is no UUID becomes one.
    package static func of(_ context: ActionContext) -> String {
        UUID(uuidString: context.idempotencyKey)?.uuidString.lowercased() ?? derived(from: context.idempotencyKey, "")
    }
}
