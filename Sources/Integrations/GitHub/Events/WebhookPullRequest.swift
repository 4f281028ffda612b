/// A pull request in a delivery.
struct WebhookPullRequest: Decodable, Sendable {
    struct Side: Decodable, Sendable {
        @Tolerant var ref: String?
        @Tolerant var sha: String?
        /// Nil when a fork was deleted.
        @Tolerant var repo: WebhookRepository?
    }

    @Tolerant var number: Int?
    @Tolerant var title: String?
    @Tolerant var state: String?
    @Tolerant var merged: Bool?
    @Tolerant var mergedAt: String?
    @Tolerant var draft: Bool?
    @Tolerant var user: WebhookAccount?
    @Tolerant var head: Side?
    @Tolerant var base: Side?
    @Tolerant var labels: [WebhookLabel]?
    @Tolerant var updatedAt: String?
    @Tolerant var htmlURL: String?

    private enum CodingKeys: String, CodingKey {
        case number, title, state, merged, draft, user, head, base, labels
        case mergedAt = "merged_at"
        case updatedAt = "updated_at"
        case htmlURL = "html_url"
    }

    /// Whether its commits are of another repository, or of one that is gone.
    var isFork: Bool {
        guard let head = head?.repo?.id, let base = base?.repo?.id else { return true }
        return head != base
    }
}

struct WebhookReview: Decodable, Sendable {
    @Tolerant var state: String?
    @Tolerant var user: WebhookAccount?
    @Tolerant var submittedAt: String?

    private enum CodingKeys: String, CodingKey {
        case state, user
        case submittedAt = "submitted_at"
    }
}
