/// A repository, `acme/api`.
struct RepositoryName: Sendable, Hashable, CustomStringConvertible {
    let owner: String
    let name: String

    /// Nil when the text is none: an owner of letters, digits, `-` and `_`, a slash, a name that may hold dots too.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, RepositoryName.isOwner(parts[0]), RepositoryName.isName(parts[1]) else { return nil }
        owner = parts[0]
        name = parts[1]
    }

    var description: String { "\(owner)/\(name)" }
    /// Its address in the REST API.
    var path: String { "/repos/\(owner)/\(name)" }

    static func isOwner(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
            && text.utf8.first != UInt8(ascii: "-")
    }

    private static func isName(_ text: String) -> Bool {
        // A dot alone, or two, would be another path.
        (1...100).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}
