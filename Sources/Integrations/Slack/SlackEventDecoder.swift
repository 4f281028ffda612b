package import Domain
import Foundation

/// Turns Slack's requests into events: slash commands, presses of our buttons and our modals ask for commands; the rest
/// are notices.
package struct SlackEventDecoder: EventDecoder {
    package static let source = Source("slack")
    /// How the action id of a button begins whose value is a command line.
    static let runAction = "defimon:run"
    /// Actions of one interaction that are read.
    private static let maxActions = 10

    package var source: Source { SlackEventDecoder.source }
    private let responseURL: SlackResponseURL

    package init(_ settings: SlackSettings) {
        responseURL = SlackResponseURL(apiURL: settings.apiURL)
    }

    package let fields: [EventField] = [
        EventField("type", "command, or the interaction's or event's own type: block_actions, app_mention"),
        EventField("team", "The workspace's id, T…"),
        EventField("channel", "The conversation's id, C…"),
        EventField("user", "The user's id, U…"),
        EventField("command", "The slash command: /defimon"),
        EventField("action", "The action id of a button, or an interaction's callback id"),
    ]

    package func events(in delivery: Delivery) async throws -> [Event] {
        let key = SlackVerifier.deliveryID(of: delivery)
        let first = delivery.body.first { !" \n\r\t".utf8.contains($0) }
        if first == UInt8(ascii: "{") {
            return eventsOfAPI(try SlackEventDecoder.object(delivery.body, "body"), key, delivery.receivedAt)
        }
        let form = SlackForm(delivery.body)
        if let payload = form["payload"] {
            let object = try SlackEventDecoder.object(Array(payload.utf8), "payload")
            return interactions(object, key, delivery.receivedAt)
        }
        return [try slashCommand(form, key, delivery.receivedAt)]
    }

    private static func object(_ bytes: [UInt8], _ name: String) throws(UndecodableDelivery) -> JSONValue {
        guard let value = try? JSONValue(parsing: bytes), value.objectValue != nil else {
            throw UndecodableDelivery("the \(name) is not a JSON object")
        }
        return value
    }

    // MARK: Slash commands

    private func slashCommand(_ form: SlackForm, _ key: String, _ now: Date) throws(UndecodableDelivery) -> Event {
        guard let command = form["command"], command.hasPrefix("/") else {
            throw UndecodableDelivery(
                "the form is neither a slash command (no command) nor an interaction (no payload)")
        }
        guard let user = form["user_id"], SlackEventDecoder.isID(user) else {
            throw UndecodableDelivery("the slash command has no user_id")
        }
        let text = SlackText.unescaped(form["text"] ?? "")
        let sender = Sender(
            team: form["team_id"], channel: form["channel_id"], user: user, responseURL: form["response_url"],
            channelName: form["channel_name"], trigger: form["trigger_id"])
        return request(text, shownAs: command, by: sender, type: "command", key, now) {
            $0["command"] = .string(SlackText.line(command, atMost: 50))
        }
    }

    /// Where a request comes from.
    private struct Sender {
        var team: String?
        var channel: String?
        var user: String
        var responseURL: String?
        /// Until when it takes answers; nil: as long as one that was made just now.
        var answersUntil: Date?
        /// Without `#`; Slack gives no names of private conversations.
        var channelName: String?
        /// By which a modal can be opened, once and within a few seconds.
        var trigger: String?

        var attributes: [String: JSONValue] {
            ["team": team, "channel": channel, "user": user].compactMapValues {
                $0.map { .string(SlackText.line($0, atMost: 64)) }
            }
        }
    }

    private func request(
        _ text: String, shownAs command: String, by sender: Sender, type: String, _ key: String, _ now: Date,
        _ more: (inout [String: JSONValue]) -> Void
    ) -> Event {
        var attributes = sender.attributes
        attributes["type"] = .string(type)
        more(&attributes)
        let answer = sender.responseURL.flatMap { url in
            responseURL.allows(url)
                ? Place(
                    channel: SlackOutlet.channelName, address: url, isPrivate: true,
                    usableUntil: sender.answersUntil ?? now.advanced(by: SlackResponseURL.lifetime)) : nil
        }
        let report = sender.channel.flatMap { channel in
            SlackEventDecoder.isID(channel) ? Place(channel: SlackOutlet.channelName, address: channel) : nil
        }
        // One byte past the bound is kept, so that a line that is too long is refused as that, not run cut.
        let line = String(decoding: text.utf8.prefix(CommandLine.longest + 1), as: UTF8.self)
        var request = CommandRequest(
            text: line, identity: Identity(channel: SlackOutlet.channelName, userID: sender.user),
            answerTo: answer, reportTo: report,
            placeName: report == nil ? nil : SlackEventDecoder.name(sender.channelName))
        request.formTo = sender.trigger.flatMap { SlackTrigger($0)?.place(now) }
        return Event(
            source: SlackEventDecoder.source, kind: "command", contentKey: key,
            subject: SlackText.line("\(command) \(line)", atMost: 200), occurredAt: now,
            attributes: .object(attributes), origin: .request(request))
    }

    // MARK: Interactions

    private func interactions(_ payload: JSONValue, _ key: String, _ now: Date) -> [Event] {
        let type = payload["type"]?.stringValue ?? ""
        let user = payload["user"]?["id"]?.stringValue ?? ""
        let sender = Sender(
            team: payload["team"]?["id"]?.stringValue ?? payload["user"]?["team_id"]?.stringValue,
            channel: payload["channel"]?["id"]?.stringValue ?? payload["container"]?["channel_id"]?.stringValue,
            user: user, responseURL: payload["response_url"]?.stringValue,
            channelName: payload["channel"]?["name"]?.stringValue, trigger: payload["trigger_id"]?.stringValue)
        if let submission = SlackSubmission(payload), SlackEventDecoder.isID(user) {
            return [filled(submission, by: sender, key, now)]
        }
        let actions = type == "block_actions" ? payload["actions"]?.arrayValue ?? [] : []
        var events: [Event] = []
        for action in actions.prefix(SlackEventDecoder.maxActions) {
            guard let id = action["action_id"]?.stringValue, SlackEventDecoder.isRun(id), SlackEventDecoder.isID(user),
                let line = action["value"]?.stringValue, !line.isEmpty
            else { continue }
            let itsKey = events.isEmpty ? key : "\(key)/\(events.count)"
            events.append(
                request(line, shownAs: "/defimon", by: sender, type: type, itsKey, now) {
                    $0["action"] = .string(SlackText.line(id, atMost: 255))
                })
        }
        guard events.isEmpty else { return events }
        var attributes = sender.attributes
        attributes["type"] = .string(SlackText.line(type, atMost: 64))
        let name =
            actions.first?["action_id"]?.stringValue ?? payload["callback_id"]?.stringValue
            ?? payload["view"]?["callback_id"]?.stringValue ?? payload["action_id"]?.stringValue
        attributes["action"] = name.map { .string(SlackText.line($0, atMost: 255)) }
        return [notice(type, attributes, key, now)]
    }

    /// A filled-in modal is the command line that says the same, typed where the form was asked for.
    private func filled(_ submission: SlackSubmission, by sender: Sender, _ key: String, _ now: Date) -> Event {
        let origin = submission.origin
        var sender = sender
        sender.channel = origin.channel
        sender.channelName = origin.channelName
        sender.responseURL = origin.responseURL
        sender.answersUntil = origin.answersUntil
        sender.trigger = nil
        return request(submission.form.text, shownAs: "/defimon", by: sender, type: SlackSubmission.type, key, now) {
            $0["action"] = .string(SlackModal.callbackID)
        }
    }

    /// `defimon:run`, or that with a number behind it.
    private static func isRun(_ id: String) -> Bool { id == runAction || id.hasPrefix(runAction + ":") }

    // MARK: Events API

    private func eventsOfAPI(_ body: JSONValue, _ key: String, _ now: Date) -> [Event] {
        let event = body["event"]
        // Nothing is asked by the handshake that a new endpoint gets.
        guard let type = (event?["type"] ?? body["type"])?.stringValue, type != "url_verification" else { return [] }
        let sender = Sender(
            team: body["team_id"]?.stringValue, channel: event?["channel"]?.stringValue,
            user: event?["user"]?.stringValue ?? "", responseURL: nil)
        var attributes = sender.attributes
        attributes["type"] = .string(SlackText.line(type, atMost: 64))
        return [notice(type, attributes, key, now)]
    }

    private func notice(_ type: String, _ attributes: [String: JSONValue], _ key: String, _ now: Date) -> Event {
        let kind = SlackText.line(type.isEmpty ? "interaction" : type, atMost: 64)
        return Event(
            source: SlackEventDecoder.source, kind: kind, contentKey: key, subject: "Slack \(kind)", occurredAt: now,
            attributes: .object(attributes), origin: .notice)
    }

    /// What Slack says for the name of every private conversation, whichever it is.
    static let namesOfPrivate = ["privategroup", "directmessage"]

    /// The name of a public conversation, as Slack says it.
    private static func name(_ text: String?) -> String? {
        guard let text, (1...80).contains(text.count), !namesOfPrivate.contains(text) else { return nil }
        return text
    }

    /// Whether a text can be one of Slack's ids: letters and digits, today in capitals.
    static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains($0))
            }
    }
}
