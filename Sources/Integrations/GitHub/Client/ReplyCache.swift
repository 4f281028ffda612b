import Synchronization

/// Answers with their ETag, so that asking again costs nothing of GitHub's rate while they are the same (RFC 9110
/// §13.1.2; docs.github.com, "Use conditional requests if appropriate"). The ones used longest ago go first.
final class ReplyCache: Sendable {
    static let maxReplies = 256
    /// All bodies together, bytes.
    static let maxBytes = 8 * 1024 * 1024
    /// One body, bytes.
    static let maxBody = 512 * 1024

    struct Kept: Sendable {
        var tag: String
        var reply: GitHubReply
    }

    private struct State {
        var replies: [String: (kept: Kept, use: Int)] = [:]
        var uses = 0
        var bytes = 0
    }

    private let state = Mutex(State())

    /// What was answered last to the same question of the same speaker.
    func reply(_ key: String) -> Kept? {
        state.withLock { state in
            state.uses += 1
            state.replies[key]?.use = state.uses
            return state.replies[key]?.kept
        }
    }

    func keep(_ reply: GitHubReply, tag: String, for key: String) {
        guard reply.body.count <= ReplyCache.maxBody, tag.utf8.count <= 256 else { return }
        state.withLock { state in
            state.bytes -= state.replies[key]?.kept.reply.body.count ?? 0
            state.uses += 1
            state.replies[key] = (Kept(tag: tag, reply: reply), state.uses)
            state.bytes += reply.body.count
            while state.replies.count > ReplyCache.maxReplies || state.bytes > ReplyCache.maxBytes,
                let oldest = state.replies.min(by: { $0.value.use < $1.value.use })
            {
                state.bytes -= oldest.value.kept.reply.body.count
                state.replies[oldest.key] = nil
            }
        }
    }

    /// How many are kept, and their bytes.
    var size: (replies: Int, bytes: Int) { state.withLock { ($0.replies.count, $0.bytes) } }
}
