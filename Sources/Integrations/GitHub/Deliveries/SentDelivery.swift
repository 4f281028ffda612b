import Domain
import Foundation

/// One try of GitHub to deliver an event (docs.github.com, "List deliveries for a repository webhook").
struct SentDelivery: Decodable, Sendable, Hashable {
    /// Of this try; larger than that of every try before it.
    var id: Int64
    /// `X-GitHub-Delivery`, the same for every try.
    var guid: String
    var deliveredAt: String
    var redelivery: Bool
    /// What was answered; GitHub says 0 or a 502 or 504 of its own where nothing was.
    var statusCode: Int
    var event: String
    var action: String?

    /// When it was tried, microseconds since 1970; nil when that cannot be read.
    var at: Int64? { Date(rfc3339: deliveredAt)?.microseconds }

    /// Somebody said that it is not wanted, which another try does not change.
    var isRefused: Bool { (400...499).contains(statusCode) }

    /// `pull_request opened`.
    var what: String {
        GitHubText.line([event, action ?? ""].filter { !$0.isEmpty }.joined(separator: " "), atMost: 100)
    }
}
