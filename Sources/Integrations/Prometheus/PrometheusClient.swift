import Domain
import Foundation
import Outbound

/// Asks one Prometheus server by its HTTP API (prometheus.io/docs, "HTTP API", "Instant queries").
struct PrometheusClient: Sendable {
    /// The largest answer, in bytes.
    static let maxAnswer = 1024 * 1024

    enum Credentials: Sendable {
        case none
        case bearer(Secret)
        case basic(String, Secret)
    }

    private let url: String
    private let credentials: Credentials
    private let timeout: Duration
    private let session: HTTPSession

    init(url: String, credentials: Credentials, timeout: Duration, session: HTTPSession) {
        self.url = url
        self.credentials = credentials
        self.timeout = timeout
        self.session = session
    }

    /// Evaluates a query at the server's present time. Throws `ActionError`, or `CancellationError`.
    func query(_ query: String) async throws -> QueryAnswer {
        // By POST, since a query may be longer than a URL.
        let body = "query=\(PrometheusClient.encoded(query))&timeout=\(timeout.milliseconds)ms"
        var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        switch credentials {
        case .none: break
        case .bearer(let token): headers.append(("Authorization", "Bearer \(token.reveal())"))
        case .basic(let user, let password):
            let pair = Data("\(user):\(password.reveal())".utf8).base64EncodedString()
            headers.append(("Authorization", "Basic \(pair)"))
        }
        let response: HTTPResponse
        do {
            response = try await session.send(
                HTTPRequest(method: "POST", url: "\(url)/api/v1/query", headers: headers, body: Array(body.utf8)),
                maxBody: PrometheusClient.maxAnswer, timeout: timeout)
        } catch let error as HTTPError {
            throw ActionError("Prometheus cannot be asked: \(error.message)", retry: .later(afterMilliseconds: nil))
        }
        return try PrometheusClient.read(response)
    }

    /// An answer that says `success`; all others throw.
    private static func read(_ response: HTTPResponse) throws(ActionError) -> QueryAnswer {
        let json: JSONValue
        do { json = try JSONValue(parsing: response.body) } catch { throw unreadable(response) }
        switch json["status"]?.stringValue {
        case "success" where response.status == 200: return try QueryAnswer(json)
        case "error":
            let kind = json["errorType"]?.stringValue ?? "error"
            let words = line(json["error"]?.stringValue ?? "")
            // What may pass: the query took too long, or the server is not ready (503). What never does: it is wrong.
            let passes = response.status >= 500 || ["timeout", "canceled", "unavailable", "internal"].contains(kind)
            throw ActionError(
                "Prometheus says \(kind): \(words)", retry: passes ? .later(afterMilliseconds: nil) : .never,
                hint: kind == "bad_data" ? "look at the query's PromQL" : nil)
        default: throw unreadable(response)
        }
    }

    private static func unreadable(_ response: HTTPResponse) -> ActionError {
        switch response.status {
        case 200: ActionError("Prometheus's answer is not what its API gives: is this a Prometheus server?")
        case 401, 403:
            ActionError(
                "Prometheus refuses who asks (\(response.status))",
                hint: "look at bearer_token, or username and password, in the settings")
        default:
            ActionError(
                "Prometheus answers \(response.status): \(line(response.text))",
                retry: response.status >= 500 || response.status == 429 ? .later(afterMilliseconds: nil) : .never)
        }
    }

    /// One line of at most 300 characters.
    private static func line(_ text: String) -> String {
        String(text.prefix(1000).split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300))
    }

    private static func encoded(_ text: String) -> String {
        // Never nil: a Swift string is valid Unicode.
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    /// RFC 3986 §2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
