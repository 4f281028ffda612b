package import Foundation

/// A place where people read, written `slack:#ops` or `email:admin`.
package struct Place: Sendable, Codable, Hashable, CustomStringConvertible {
    /// The kind of channel: `slack`, `email`.
    package var channel: String
    /// The channel's own name for the place: a conversation id or name, a person of the settings.
    package var address: String
    /// True for an answer that only one person sees (Slack's response_url); its address is a capability and is not shown.
    package var isPrivate: Bool
    /// Until when the channel takes anything there; nil: for ever.
    package var usableUntil: Date?

    package init(channel: String, address: String, isPrivate: Bool = false, usableUntil: Date? = nil) {
        self.channel = channel
        self.address = address
        self.isPrivate = isPrivate
        self.usableUntil = usableUntil
    }

    /// Reads `slack:#ops`; nil when there is no channel or no address.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex,
            text.index(after: colon) < text.endIndex
        else { return nil }
        self.init(channel: String(text[..<colon]), address: String(text[text.index(after: colon)...]))
    }

    package var description: String { isPrivate ? "\(channel):(private answer)" : "\(channel):\(address)" }
}
