/// Whether the bot is ready, and why not.
package struct ReadyListing: Sendable, Codable, Hashable {
    package var isReady: Bool
    package var reasons: [String]

    package init(reasons: [String]) {
        isReady = reasons.isEmpty
        self.reasons = reasons
    }

    private enum CodingKeys: String, CodingKey {
        case reasons
        case isReady = "is_ready"
    }
}
