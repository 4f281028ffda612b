import Domain
import Synchronization

/// Which header fields of a delivery are stored: its type, its sender's program, and the source's own `X-` fields. What
/// proves the sender (RFC 9110 §11.6.2 `Authorization`, cookies, signatures, tokens) is never kept, nor is what only
/// the connection needs.
enum KeptHeaders {
    /// The longest value that is kept, bytes.
    private static let longest = 1024
    private static let secretWords = [
        "auth", "signature", "cookie", "token", "secret", "key", "password", "credential", "session", "cert",
    ]
    /// Decisions that were made: a source sends the same names each time.
    private static let decided = Mutex<[String: Bool]>([:])
    private static let mostDecided = 512
    private static let named: Set = ["content-type", "user-agent", "date"]
    private static let ofConnection = ["x-forwarded-", "x-real-", "x-envoy-", "x-amzn-", "x-cloud-"]

    static func isKept(_ name: String) -> Bool {
        if let known = decided.withLock({ $0[name] }) { return known }
        let decision = decide(name)
        decided.withLock { if $0.count < mostDecided { $0[name] = decision } }
        return decision
    }

    private static func decide(_ name: String) -> Bool {
        if named.contains(name) { return true }
        guard name.hasPrefix("x-") else { return false }
        if ofConnection.contains(where: name.hasPrefix) { return false }
        // A signature under a name that does not say so: GitHub's older field, Discord's.
        if name.hasPrefix("x-hub-") || name.contains("ed25519") || name.contains("hmac") { return false }
        return !secretWords.contains { name.contains($0) }
    }

    /// The fields that are kept, as a JSON object.
    static func text(of headers: [String: String]) -> String {
        let kept = headers.filter { $0.value.utf8.count <= longest && isKept($0.key) }
        return JSONValue.object(kept.mapValues(JSONValue.string)).canonicalText
    }
}
