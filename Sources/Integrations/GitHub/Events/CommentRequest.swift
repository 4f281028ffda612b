import Domain

/// A command that somebody typed as a comment on a pull request: its first line begins with `/defimon`.
struct CommentRequest: Sendable {
    static let word = "/defimon"
    /// The longest line that is taken for a command, in characters. A longer one is never cut: it would be another
    /// command.
    static let longestLine = 2000

    let request: CommandRequest

    /// Nil when the delivery is no such comment, or a bot's: bots do not talk to bots.
    init?(_ payload: WebhookPayload, kind: String) {
        guard kind == "issue_comment", payload.action == "created", let issue = payload.issue,
            issue.pullRequest != nil, let number = issue.number, let comment = payload.comment,
            let author = comment.user, let authorID = author.id, !author.isBot, payload.sender?.isBot != true,
            // Who comments is who sends; anything else is nobody's word.
            payload.sender?.id == nil || payload.sender?.id == authorID,
            let repository = payload.repository?.wholeName, number > 0
        else { return nil }
        let line = GitHubText.firstLine(comment.body ?? "")
        guard line.hasPrefix(CommentRequest.word), line.count <= CommentRequest.longestLine else { return nil }
        let rest = line.dropFirst(CommentRequest.word.count)
        guard rest.isEmpty || rest.first?.isWhitespace == true else { return nil }
        let identity = Identity(channel: PullRequestPlace.channel, userID: String(authorID))
        request = CommandRequest(
            text: String(rest.trimmed), identity: identity, answerTo: nil,
            reportTo: PullRequestPlace(repository, number).place,
            context: ["repository": .string(repository.description), "pull_request": .int(Int64(number))],
            isPublic: true)
    }
}
