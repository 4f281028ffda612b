package import Domain
import Foundation
package import Outbound

/// Delivers reports to programs over HTTP, at least once: places are `webhook:<name>`, the names those of the settings.
package struct OutgoingWebhookOutlet: Outlet {
    private static let channelName = "webhook"
    /// Bytes of an answer that are read.
    private static let maxAnswer = 4096
    private static let patience = Duration.seconds(15)

    /// One receiver, ready to be sent to.
    private struct Receiver: Sendable {
        var url: String
        var format: OutgoingWebhookSettings.Format
        var source: String
        /// The secret or the routing key.
        var key: Secret
        var session: HTTPSession
        /// Takes the key and the address' path out of what is said about the receiver.
        var redactor: Redactor
    }

    package let channel = OutgoingWebhookOutlet.channelName
    private let receivers: [String: Receiver]
    private let time: any TimeSource

    /// Reads the secrets. `session` gives the session for a file of certificates (nil: the machine's). Throws
    /// `MissingSecret`, and what `session` throws.
    package init(
        _ settings: OutgoingWebhookSettings, secrets: any SecretSource, time: any TimeSource,
        session: (_ ca: String?) throws -> HTTPSession
    ) throws {
        self.time = time
        receivers = try Dictionary(
            uniqueKeysWithValues: settings.receivers.map { name, receiver in
                (name, try OutgoingWebhookOutlet.receiver(name, receiver, secrets, session))
            })
    }

    package func deliver(_ message: OutboxMessage, existing: String?, thread: String?) async throws(OutletError)
        -> String?
    {
        guard let receiver = receivers[message.place.address] else { throw unknown(message.place.address) }
        guard let request = request(for: message, to: receiver) else { return nil }
        let response: HTTPResponse
        do {
            response = try await receiver.session.send(
                request, keepingFirst: OutgoingWebhookOutlet.maxAnswer, timeout: OutgoingWebhookOutlet.patience)
        } catch let error as HTTPError {
            receiver.redactor.add(receiver.key)
            let words = receiver.redactor.redact(error.message)
            throw OutletError(
                .later(after: nil), "outgoing_webhooks.\(message.place.address) cannot be reached: \(words)")
        } catch {
            throw OutletError(
                .later(after: nil), "sending to outgoing_webhooks.\(message.place.address) was broken off")
        }
        // It may have been rotated since.
        if !(200...299).contains(response.status) { receiver.redactor.add(receiver.key) }
        try ReceiverAnswer.check(
            response, name: message.place.address, redactor: receiver.redactor, now: time.now)
        // Nothing can be edited at a receiver: each message is sent by itself.
        return nil
    }

    /// Nil when the message means nothing to the receiver.
    private func request(for message: OutboxMessage, to receiver: Receiver) -> HTTPRequest? {
        var headers = [
            ("Content-Type", "application/json"), ("User-Agent", "Defimon"),
            (WebhookSignature.deliveryHeader, String(message.id)),
        ]
        let body: [UInt8]
        switch receiver.format {
        case .json:
            body = ReportJSON.body(of: message)
            let timestamp = Int64(time.now.timeIntervalSince1970)
            headers.append((WebhookSignature.timestampHeader, String(timestamp)))
            headers.append(
                (
                    WebhookSignature.signatureHeader,
                    WebhookSignature.of(body, timestamp: timestamp, secret: receiver.key)
                ))
        case .pagerduty:
            guard let action = PagerDutyEvent.action(for: message) else { return nil }
            body = PagerDutyEvent.body(action, for: message, source: receiver.source, routingKey: receiver.key)
        }
        return HTTPRequest(method: "POST", url: receiver.url, headers: headers, body: body)
    }

    private func unknown(_ name: String) -> OutletError {
        let names = receivers.keys.sorted()
        let fix =
            NearestName.of(name, in: names).map { "did you mean webhook:\($0)?" }
            ?? (names.isEmpty
                ? "outgoing_webhooks names none" : "set are: " + names.map { "webhook:\($0)" }.joined(separator: ", "))
        return OutletError(.never, "there is no outgoing webhook '\(name.prefix(80))'; \(fix)")
    }

    private static func receiver(
        _ name: String, _ settings: OutgoingWebhookSettings.Receiver, _ secrets: any SecretSource,
        _ session: (_ ca: String?) throws -> HTTPSession
    ) throws -> Receiver {
        let (key, member) =
            settings.format == .json ? (settings.secret, "secret") : (settings.routingKey, "routing_key")
        guard let key else { throw MissingSecret("outgoing_webhooks.\(name).\(member) is not set") }
        let secret = try secrets.secret(key)
        guard !secret.isEmpty else { throw MissingSecret("the secret of outgoing_webhooks.\(name).\(member) is empty") }
        let redactor = Redactor()
        redactor.add(secret)
        // Many receivers know their callers by the address alone, so its path is worth a secret.
        if let parts = URLComponents(string: settings.url) {
            redactor.add(Secret(parts.percentEncodedPath + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")))
        }
        return Receiver(
            url: settings.url, format: settings.format, source: settings.source, key: secret,
            session: try session(settings.ca), redactor: redactor)
    }
}
