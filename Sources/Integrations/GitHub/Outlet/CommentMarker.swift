import Domain

/// The hidden first line by which the bot finds a comment of its own again, also when it was posted and the record of it
/// was lost: an HTML comment that GitHub does not show.
struct CommentMarker: Sendable, Hashable {
    let text: String

    /// The comment of a name that a definition gives.
    init(named name: String) { text = CommentMarker.text(name) }

    /// The one comment of a message's subject on a pull request.
    init(subject: String) { text = CommentMarker.text("message/\(subject)") }

    /// The comment of a message of its own.
    init(single message: OutboxMessage) {
        // The number alone would be given again by a new ledger.
        text = CommentMarker.text("single/\(message.subject)/\(message.id)/\(message.createdAt.microseconds)")
    }

    private static func text(_ name: String) -> String {
        let isPlain =
            name.utf8.count <= 150 && !name.contains("--")
            && name.unicodeScalars.allSatisfy { scalar in
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                    || "-._/#".unicodeScalars.contains(scalar)
            }
        // Whatever else is in a name could end the HTML comment.
        return "<!-- defimon:\(isPlain ? name : Hex.encode(SHA256Digest.of(Array(name.utf8)))) -->"
    }

    /// Whether a comment's text begins with it. Further down it is somebody else's words.
    func marks(_ body: String) -> Bool { body.trimmed.hasPrefix(text) }

    /// The whole text of a comment.
    func body(_ markdown: String) -> String { "\(text)\n\(markdown)" }
}
