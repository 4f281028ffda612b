extension GitHubStandIn {
    /// A file in a repository, for its tarball.
    package enum File: Sendable, Hashable {
        case bytes([UInt8])
        case program([UInt8])
        /// A symbolic link, by its target.
        case link(String)

        /// A text in UTF-8.
        package static func text(_ text: String) -> File { .bytes(Array(text.utf8)) }
    }
}
