import Domain
import Foundation

/// One call of the REST API.
struct GitHubCall: Sendable {
    /// As whom it is made.
    enum Speaker: Sendable, Hashable {
        /// The token; of an app, its installation at this user or organisation.
        case owner(String)
        /// The token; of an app, the app itself, by a signed token of its own.
        case bot
    }

    var method = "GET"
    /// From the root of the API: `/repos/acme/api/pulls/42`. Already percent-encoded.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: JSONValue?
    var speaker: Speaker
    /// What an answer may take, in bytes.
    var maxAnswer = 16 * 1024 * 1024

    /// A call about a repository: `path` begins behind its name, `/pulls/42`.
    init(
        _ repository: RepositoryName, _ path: String, method: String = "GET",
        query: [(name: String, value: String)] = [], body: JSONValue? = nil
    ) {
        self.method = method
        self.path = repository.path + path
        self.query = query
        self.body = body
        speaker = .owner(repository.owner)
    }

    /// A call about the bot itself.
    init(bot path: String, method: String = "GET", body: JSONValue? = nil) {
        self.method = method
        self.path = path
        self.body = body
        speaker = .bot
    }

    /// Whether it changes nothing, so that its answer may be kept.
    var isReading: Bool { method == "GET" }

    func url(below root: String) -> String {
        guard !query.isEmpty else { return root + path }
        let pairs = query.map { "\($0.name)=\(GitHubCall.encoded($0.value))" }
        return root + path + "?" + pairs.joined(separator: "&")
    }

    /// Percent-encoded but for the unreserved characters (RFC 3986 §2.3).
    static func encoded(_ text: String, keeping kept: String = "") -> String {
        var encoded = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isUnreserved =
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-._~".utf8.contains(byte) || kept.utf8.contains(byte)
            encoded += isUnreserved ? String(Character(scalar)) : "%" + Hex.encode([byte]).uppercased()
        }
        return encoded
    }
}
