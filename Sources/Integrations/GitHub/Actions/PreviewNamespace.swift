import Domain

/// The name of a pull request's own namespace: `pr-42-api`, a DNS label (RFC 1123 §2.1) of at most 63 characters.
enum PreviewNamespace {
    static let longest = 63

    static func name(number: Int, repository: RepositoryName) -> String {
        let plain = repository.name.lowercased()
        let safe = plain.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let trimmed = String(safe).split(separator: "-", omittingEmptySubsequences: true).joined(separator: "-")
        let name = "pr-\(number)" + (trimmed.isEmpty ? "" : "-\(trimmed)")
        // Two repositories may not share a name because of what had to go.
        guard trimmed != plain || name.utf8.count > longest else { return name }
        let hash = "-" + Hex.encode(SHA256Digest.of(Array(repository.description.lowercased().utf8)).prefix(4))
        var cut = String(name.prefix(longest - hash.utf8.count))
        while cut.hasSuffix("-") { cut.removeLast() }
        return cut + hash
    }
}
