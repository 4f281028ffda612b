package import Domain

/// Delivers reports to pull requests: one comment for each subject, edited in place, and found again by its hidden
/// marker where the record of it was lost. Details of steps are not posted: a comment for each would bury the talk.
package struct GitHubOutlet: Outlet {
    package let channel = PullRequestPlace.channel
    private let client: GitHubClient
    private let pace: WritePace

    package init(client: GitHubClient) {
        self.client = client
        pace = WritePace(time: client.time)
    }

    package func deliver(_ message: OutboxMessage, existing: String?, thread: String?) async throws(OutletError)
        -> String?
    {
        guard !message.place.isPrivate, let place = PullRequestPlace(message.place.address) else {
            throw OutletError(.never, "\(message.place) is no pull request; write one as github:acme/api#42")
        }
        if message.slot == .thread { return thread ?? existing }
        var comment: Int?
        if let existing {
            guard let id = Int(existing), id > 0 else {
                throw OutletError(.messageGone, "the reference '\(existing.prefix(80))' is not one of GitHub's")
            }
            comment = id
        }
        if let wait = pace.write(at: place.description.lowercased()) {
            throw OutletError(
                .later(after: wait),
                "at most one comment a second is written on one pull request, and \(WritePace.perMinute) a minute in "
                    + "all")
        }
        do {
            return String(try await write(message, place, comment))
        } catch let error as GitHubFailure {
            guard comment != nil, error.status == 404 else { throw error.outletError }
            throw OutletError(.messageGone, error.message)
        } catch {
            throw OutletError(.later(after: nil), "sending to GitHub was broken off")
        }
    }

    private func write(_ message: OutboxMessage, _ place: PullRequestPlace, _ existing: Int?) async throws -> Int {
        let marker =
            message.slot == .single ? CommentMarker(single: message) : CommentMarker(subject: message.subject)
        let room = GitHubMessage.maxComment - marker.body("").utf16.count
        let body = marker.body(GitHubMessage(message.report, client.markdown, room: room).text)
        let comments = BotComments(client: client)
        if let existing { return try await comments.edit(existing, body, in: place.repository).id }
        if let found = try await comments.find(marker, on: place) {
            // It was posted before, and the record of it was lost.
            return found.body == body ? found.id : try await comments.edit(found.id, body, in: place.repository).id
        }
        return try await comments.post(body, on: place).id
    }
}
