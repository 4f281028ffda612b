import Domain

/// Writes a comment on a pull request, or edits the one that it has written before.
struct CommentAction: RepeatableAction, Plannable {
    private let target: RepositoryTarget
    private let number: Int
    private let marker: CommentMarker
    private let body: String
    private let isMarkdown: Bool

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.comment", "Writes a comment on a pull request or issue, or edits the one that it wrote before",
            effect: .changes, outputs: [.init("url", .text(nil), "The comment's page")]
        ) { CommentAction(&$0, client) }
    }

    // Nil is never seen: the pattern is a constant that compiles.
    private static let markerName = try? Pattern("[A-Za-z0-9][-._A-Za-z0-9]{0,99}")

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        number = input.integer("number", "The number of the pull request or issue", in: 1...Int(Int32.max))
        let name = input.text(
            "marker", "A name by which the comment is found again; one comment for each",
            pattern: CommentAction.markerName)
        marker = CommentMarker(named: name)
        body = input.text("body", "What it says")
        isMarkdown = input.flag(
            "markdown", "The body is Markdown and written as it is; nothing from outside should be in it")
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client, repository in
            let place = PullRequestPlace(repository, number)
            guard let found = try await BotComments(client: client).find(marker, on: place) else {
                return ActionPlan(changes: ["Comment on \(place): new"])
            }
            return ActionPlan(changes: found.body == text(client) ? [] : ["Comment on \(place): edited"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client, repository in
            let place = PullRequestPlace(repository, number)
            let comments = BotComments(client: client)
            let text = text(client)
            let comment: IssueComment
            if let found = try await comments.find(marker, on: place) {
                comment = found.body == text ? found : try await comments.edit(found.id, text, in: repository)
            } else {
                comment = try await comments.post(text, on: place)
            }
            return ["url": .string(comment.htmlUrl), "summary": .string("comment on \(place): \(comment.htmlUrl)")]
        }
    }

    private func text(_ client: GitHubClient) -> String {
        let room = GitHubMessage.maxComment - marker.body("").utf16.count
        // An input is shorter than a comment may be, so that Markdown needs no cut.
        return marker.body(isMarkdown ? body : client.markdown.text(body, limit: room))
    }

    private var doing: String { "the comment on \(target.text)#\(number) cannot be written" }
}
