import Domain
import Foundation

/// A thing that exists at Google.
struct GoogleResource: Sendable {
    /// `projects/p/zones/z/disks/d`.
    let path: String
    /// As the API shows it.
    var body: [String: JSONValue]
    /// False while the operation that makes it is under way.
    var isReady: Bool
    /// Reads do not show it before.
    var visibleFrom: Date
    /// Written counts; a fingerprint is made of it.
    var version = 1

    var name: String { GoogleState.last(path) }
    var id: String { body["id"]?.stringValue ?? "" }
    var status: String { body["status"]?.stringValue ?? "" }

    /// A text member, as a whole number where it is one.
    func number(_ member: String) -> Int { body[member]?.stringValue.flatMap(Int.init) ?? body[member]?.intValue ?? 0 }

    /// Base64 of eight bytes that change with every write, as Google's fingerprints.
    static func fingerprint(_ parts: [String]) -> JSONValue {
        .string(Data(SHA256Digest.of(Array(parts.joined(separator: "\n").utf8)).prefix(8)).base64EncodedString())
    }
}
