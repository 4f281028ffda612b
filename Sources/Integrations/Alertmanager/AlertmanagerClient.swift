package import Domain
import Foundation
package import Outbound

/// Asks Alertmanager's API (version 2) about its alerts.
package struct AlertmanagerClient: AlertDirectory {
    /// Why an answer could not be had.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package var message: String
        package var description: String { message }
    }

    /// The largest answer, in bytes: the API has no pages.
    private static let maxAnswer = 32 * 1024 * 1024

    private let base: String
    private let session: HTTPSession
    private let token: Secret?

    /// `url` is Alertmanager's own address; a path prefix belongs to it.
    package init(url: String, session: HTTPSession, token: Secret?) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.session = session
        self.token = token
    }

    /// Whether the alert fires now, silenced or not: a silence mutes messages, the alert itself goes on. Throws
    /// `Failure` when Alertmanager cannot be asked.
    package func isFiring(fingerprint: String) async throws -> Bool {
        return try await alerts(AlertmanagerClient.all).contains { $0.fingerprint == fingerprint }
    }

    /// Whether any alert with the group's labels that goes to its receiver fires now, silenced or not. Routes to one
    /// receiver with the same labels count as one here. Throws `Failure`.
    package func isFiring(group: AlertGroupReference) async throws -> Bool {
        let query = AlertmanagerClient.all + AlertmanagerClient.filter(group.labels, receiver: group.receiver)
        return try await !alerts(query).isEmpty
    }

    private static var all: [URLQueryItem] {
        ["active", "silenced", "inhibited", "unprocessed"].map { URLQueryItem(name: $0, value: "true") }
    }

    /// The alerts of a group that would be sent now: firing, neither silenced nor inhibited. Throws `Failure`.
    func firing(groupLabels: [String: String], receiver: String) async throws -> [ReadAlert] {
        let query = [
            URLQueryItem(name: "active", value: "true"), URLQueryItem(name: "silenced", value: "false"),
            URLQueryItem(name: "inhibited", value: "false"), URLQueryItem(name: "unprocessed", value: "false"),
        ]
        return try await alerts(query + AlertmanagerClient.filter(groupLabels, receiver: receiver))
    }

    private static func filter(_ labels: [String: String], receiver: String) -> [URLQueryItem] {
        var query = labels.sorted(by: { $0.key < $1.key }).map { name, value in
            URLQueryItem(name: "filter", value: "\(name)=\(quoted(value))")
        }
        // It is a regular expression there, anchored by Alertmanager.
        if !receiver.isEmpty {
            query.append(URLQueryItem(name: "receiver", value: NSRegularExpression.escapedPattern(for: receiver)))
        }
        return query
    }

    private func alerts(_ query: [URLQueryItem]) async throws -> [ReadAlert] {
        var headers = [("Accept", "application/json")]
        if let token { headers.append(("Authorization", "Bearer \(token.reveal())")) }
        let items = query.map { "\($0.name)=\(AlertmanagerClient.encoded($0.value ?? ""))" }
        let request = HTTPRequest(url: "\(base)/api/v2/alerts?" + items.joined(separator: "&"), headers: headers)
        let response: HTTPResponse
        do {
            response = try await session.send(request, maxBody: AlertmanagerClient.maxAnswer, timeout: .seconds(10))
        } catch let error as HTTPError {
            throw Failure(message: error.message)
        }
        guard response.status == 200 else {
            let words = AlertText.line(response.text, atMost: 200)
            throw Failure(message: "Alertmanager answers \(response.status)" + (words.isEmpty ? "" : ": \(words)"))
        }
        do {
            return try JSONDecoder().decode([Answer].self, from: Data(response.body)).map(\.alert)
        } catch {
            throw Failure(message: "Alertmanager's answer to /api/v2/alerts is not the list it should be")
        }
    }

    /// A value in a matcher: in quotes, as Go writes them.
    private static func quoted(_ value: String) -> String {
        "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }

    private static func encoded(_ text: String) -> String {
        // Never nil: a Swift string is valid Unicode.
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    /// RFC 3986 §2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// `gettableAlert` of the API; it holds alerts that are not resolved, and no others.
    private struct Answer: Decodable {
        var labels: [String: String]
        var annotations: [String: String]?
        var startsAt: String?
        var generatorURL: String?
        var fingerprint: String

        var alert: ReadAlert {
            ReadAlert(
                fingerprint: fingerprint, isFiring: true, labels: labels, annotations: annotations ?? [:],
                startsAt: AlertTime.read(startsAt), endsAt: nil, generatorURL: generatorURL ?? "")
        }
    }
}
