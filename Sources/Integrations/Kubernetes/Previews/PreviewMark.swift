/// What tells that a namespace is a preview, and of what. A repository's name and a URL do not fit into labels, whose
/// values hold no `/`.
enum PreviewMark {
    // Labels.
    static let preview = "defimon.io/preview"
    static let pullRequest = "defimon.io/pull-request"
    // Annotations.
    static let repository = "defimon.io/repository"
    static let commit = "defimon.io/commit"
    static let owner = "defimon.io/owner"
    static let url = "defimon.io/url"
    /// RFC 3339.
    static let expires = "defimon.io/expires"

    /// All previews that the bot made.
    static let selector = "\(preview)=true,\(ManagedLabel.name)=\(ManagedLabel.value)"
    /// The longest that a preview may be asked to live from now on.
    static let longestLife = Duration.seconds(30 * 86_400)
}
