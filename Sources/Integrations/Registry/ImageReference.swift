import Domain

/// Names one image in one registry, by the grammar of github.com/distribution/reference; a registry must be named, and
/// a tag or a digest.
struct ImageReference: Sendable, Hashable {
    /// Why a text names no image.
    struct Invalid: Error, Sendable, Hashable {
        var message: String
        var fix: String
    }

    /// Characters of registry and repository together.
    static let longestName = 255

    /// In lower case: `registry.example.com`, `registry.example.com:5000`.
    var registry: String
    /// `acme/api`.
    var repository: String
    var tag: String?
    /// `sha256:` and 64 hexadecimal digits in lower case.
    var digest: String?

    init(_ text: String) throws(Invalid) {
        let example = "such as registry.example.com/acme/api:1.2.3"
        let shown = "'\(text.prefix(120))'"
        guard let slash = text.firstIndex(of: "/"), ImageReference.isRegistry(String(text[..<slash])) else {
            throw Invalid(message: "\(shown) names no registry", fix: "write it out, \(example)")
        }
        registry = text[..<slash].lowercased()
        var rest = text[text.index(after: slash)...]
        if let at = rest.firstIndex(of: "@") {
            let digest = String(rest[rest.index(after: at)...])
            guard ImageReference.isDigest(digest) else {
                throw Invalid(
                    message: "\(shown) has no valid digest", fix: "a digest is sha256: and 64 hexadecimal digits")
            }
            self.digest = digest
            rest = rest[..<at]
        }
        if let colon = rest.lastIndex(of: ":") {
            let tag = String(rest[rest.index(after: colon)...])
            guard ImageReference.tagPattern?.matches(tag) == true else {
                throw Invalid(
                    message: "\(shown) has no valid tag",
                    fix: "a tag has letters, digits, '_', '.' and '-', at most 128, and begins with neither '.' nor '-'"
                )
            }
            self.tag = tag
            rest = rest[..<colon]
        }
        repository = String(rest)
        guard ImageReference.repositoryPattern?.matches(repository) == true,
            registry.utf8.count + 1 + repository.utf8.count <= ImageReference.longestName
        else {
            throw Invalid(
                message: "\(shown) has no valid repository",
                fix: "it has lower-case letters and digits, separated by '.', '_', '__', '-' or '/', \(example)")
        }
        guard tag != nil || digest != nil else {
            throw Invalid(message: "\(shown) has no tag", fix: "say which image is meant, \(example)")
        }
    }

    /// Without tag and digest: `registry.example.com/acme/api`.
    var name: String { "\(registry)/\(repository)" }

    /// As people write it.
    var text: String { name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// Whether the first part of an image is a registry, and not a part of the repository: it has a dot or a port, or is
    /// `localhost`.
    static func isRegistry(_ text: String) -> Bool {
        text.utf8.count <= longestName && registryPattern?.matches(text) == true
            && (text.contains(".") || text.contains(":") || text == "localhost")
    }

    static func isDigest(_ text: String) -> Bool { digestPattern?.matches(text) == true }

    // Nil is never seen: the patterns are constants that compile, which a test shows.
    static let registryPattern = try? Pattern(
        "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
            + "(?::[0-9]{1,5})?|\\[[a-fA-F0-9:]+\\](?::[0-9]{1,5})?")
    static let repositoryPattern = try? Pattern(
        "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
    static let tagPattern = try? Pattern("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
    static let digestPattern = try? Pattern("sha256:[0-9a-f]{64}")
}
