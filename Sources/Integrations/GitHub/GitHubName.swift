import Domain

/// What GitHub's names look like.
enum GitHubName {
    // Nil is never seen: the patterns are constants that compile, which a test shows. GitHub itself refuses the rest.
    static let webAddress = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
    /// A user or organisation; the underscore is part of names of managed users.
    static let ownerPattern = try? Pattern("[A-Za-z0-9][-_A-Za-z0-9]{0,99}")
    static let repositoryPattern = try? Pattern("[A-Za-z0-9][-_A-Za-z0-9]{0,99}/[-._A-Za-z0-9]{1,100}")
    static let hookID = try? Pattern("[0-9]{1,20}")
    static let appID = try? Pattern("[A-Za-z0-9][-._A-Za-z0-9]{0,99}")
    /// A whole commit id, SHA-1 or SHA-256.
    static let commit = try? Pattern("[0-9a-fA-F]{40}([0-9a-fA-F]{24})?")
    /// A commit id or its beginning; nothing where an optional argument is not given.
    static let shortCommit = try? Pattern("([0-9a-fA-F]{7,64})?")
    /// A commit id or its beginning.
    static let givenCommit = try? Pattern("[0-9a-fA-F]{7,64}")
    static let environment = try? Pattern("[^\\x00-\\x1f]{1,255}")
    /// How a check ended; nothing where it has not.
    static let conclusion = try? Pattern(
        "(success|failure|neutral|cancelled|skipped|timed_out|action_required)?")
    /// A link to show; nothing where there is none.
    static let link = try? Pattern("(https?://[^\\s\\x00-\\x1f]+)?")
    /// The first characters of a commit id, as people say it.
    static func short(_ commit: String) -> String { String(commit.prefix(7)) }
}
