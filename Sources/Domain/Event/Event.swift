package import Foundation

/// What a delivery says, in our terms.
package struct Event: Sendable, Codable, Hashable {
    package var source: Source
    /// What it is called in rules and listings: `alert`, `command`, `push`.
    package var kind: String
    /// Makes two deliveries of the same thing one event. For an alert the ledger adds the episode.
    package var contentKey: String
    /// What it is about, for people: `GethDown geth-0`, `/defimon deploy analytics`.
    package var subject: String
    package var occurredAt: Date
    /// What matchers and templates see.
    package var attributes: JSONValue
    package var origin: EventOrigin
    /// What it is news of, for jobs that wait: `github/acme/api@<commit>`. Not stored.
    package var topics: [String] = []

    private enum CodingKeys: String, CodingKey {
        case source, kind, contentKey, subject, occurredAt, attributes, origin
    }

    package init(
        source: Source, kind: String, contentKey: String, subject: String, occurredAt: Date, attributes: JSONValue,
        origin: EventOrigin, topics: [String] = []
    ) {
        self.source = source
        self.kind = kind
        self.contentKey = contentKey
        self.subject = subject
        self.occurredAt = occurredAt
        self.attributes = attributes
        self.origin = origin
        self.topics = topics
    }
}

/// What an event asks of the engine.
package enum EventOrigin: Sendable, Codable, Hashable {
    /// A person asked for a command.
    case request(CommandRequest)
    /// An alert began, goes on, or ended.
    case alert(AlertState)
    /// Something happened that rules may match.
    case notice
}

/// A command as a person typed it, or pressed it as a button.
package struct CommandRequest: Sendable, Codable, Hashable {
    /// The words after `/defimon`.
    package var text: String
    package var identity: Identity
    /// Where the private answer goes, if there is such a place.
    package var answerTo: Place?
    /// Where the job's message goes: the channel in which it was typed.
    package var reportTo: Place?
    /// What is known from where it was typed, by name: `repository` and `pull_request` of a comment. Fills arguments
    /// that declare such a `context` and are not given.
    package var context: [String: JSONValue] = [:]
    /// True where everybody can type and everybody reads along: strangers get no answer.
    package var isPublic: Bool = false
    /// What the channel itself calls the place where it was asked, without `#`; nil where it says none.
    package var placeName: String?
    /// Where the channel can show this person a form, for the few seconds that it can; nil where it cannot.
    package var formTo: Place?

    package init(
        text: String, identity: Identity, answerTo: Place?, reportTo: Place?, context: [String: JSONValue] = [:],
        isPublic: Bool = false, placeName: String? = nil
    ) {
        self.text = text
        self.identity = identity
        self.answerTo = answerTo
        self.reportTo = reportTo
        self.context = context
        self.isPublic = isPublic
        self.placeName = placeName
    }
}

/// One person's account in one channel, by the channel's own user id.
package struct Identity: Sendable, Codable, Hashable, CustomStringConvertible {
    /// The kind of channel: `slack`, `github`, `cli`.
    package var channel: String
    package var userID: String

    package init(channel: String, userID: String) {
        self.channel = channel
        self.userID = userID
    }

    package var description: String { "\(channel):\(userID)" }
}

/// What an alert delivery says of one alert.
package struct AlertState: Sendable, Codable, Hashable {
    package var fingerprint: String
    package var isFiring: Bool
    package var startsAt: Date
    /// Nil while it fires.
    package var endsAt: Date?
    /// The group it was sent with; reports of one group share a message.
    package var groupKey: String
    /// Set where this is no single alert but a whole group, which fires while any alert of it does.
    package var group: AlertGroupReference?

    package init(
        fingerprint: String, isFiring: Bool, startsAt: Date, endsAt: Date?, groupKey: String,
        group: AlertGroupReference? = nil
    ) {
        self.fingerprint = fingerprint
        self.isFiring = isFiring
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.groupKey = groupKey
        self.group = group
    }
}

/// Turns a recorded delivery into events. Called by the engine after the acknowledgement; each source has one. It must
/// not depend on anything but the delivery, except that it may ask the source for what the delivery left out.
package protocol EventDecoder: Sendable {
    var source: Source { get }
    /// What matchers and templates of rules may name, for `defimon check` and the reference page.
    var fields: [EventField] { get }
    /// Throws `UndecodableDelivery` when the bytes are not what the source sends; the delivery is then kept and reported.
    func events(in delivery: Delivery) async throws -> [Event]
}

/// One attribute of a source's events.
package struct EventField: Sendable, Hashable {
    /// Its dotted path: `labels`, `status`.
    package var path: String
    /// True when any name may stand below it: `labels.instance`.
    package var isOpen: Bool
    package var help: String
    /// The kinds of event that have it; empty: all of the source.
    package var kinds: [String]

    package init(_ path: String, isOpen: Bool = false, _ help: String, kinds: [String] = []) {
        self.path = path
        self.isOpen = isOpen
        self.help = help
        self.kinds = kinds
    }
}

/// A proven delivery that says nothing we understand.
package struct UndecodableDelivery: Error, Sendable {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// Asks a monitoring system for the present state of its alerts. Called where a step or a verification depends on it;
/// Alertmanager implements it.
package protocol AlertDirectory: Sendable {
    /// Whether the alert fires now. Throws when it cannot be told.
    func isFiring(fingerprint: String) async throws -> Bool
    /// Whether any alert of the group fires now, silenced or not. Throws when it cannot be told.
    func isFiring(group: AlertGroupReference) async throws -> Bool
}
