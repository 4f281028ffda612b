import Domain
import Foundation

/// What Slack gives with each interaction, by which a modal can be opened, once and at once. As a place it takes one
/// message, a form.
struct SlackTrigger: Sendable, Hashable {
    /// How long after the interaction it can be used (docs.slack.dev, "Handling user interaction").
    static let lifetime = Duration.seconds(3)
    private static let prefix = "trigger/"

    /// `12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3`.
    let id: String

    /// Nil when it cannot be one.
    init?(_ id: String) {
        guard (1...255).contains(id.utf8.count),
            id.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                    || "._-".utf8.contains($0)
            })
        else { return nil }
        self.id = id
    }

    /// Nil when the place is another.
    init?(_ place: Place) {
        guard place.isPrivate, place.address.hasPrefix(SlackTrigger.prefix) else { return nil }
        self.init(String(place.address.dropFirst(SlackTrigger.prefix.count)))
    }

    /// The place that is the trigger of an interaction that came in at this time.
    func place(_ now: Date) -> Place {
        Place(
            channel: SlackOutlet.channelName, address: SlackTrigger.prefix + id, isPrivate: true,
            usableUntil: now.advanced(by: SlackTrigger.lifetime))
    }
}
