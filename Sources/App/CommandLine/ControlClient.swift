import Domain
import Foundation
import Outbound

/// Reaches a running bot by its Unix socket.
struct ControlClient: Sendable {
    private let session: HTTPSession
    private let base: String
    private let socket: String

    init(socket: String) throws {
        let absolute = URL(filePath: socket).path
        self.socket = absolute
        let escaped = absolute.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? absolute
        base = "http+unix://\(escaped)"
        session = try HTTPSession()
    }

    func shutdown() async { await session.shutdown() }

    func get<Answer: Decodable>(_ path: String, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await call(HTTPRequest(url: base + path))
    }

    func post<Answer: Decodable>(_ path: String, _ body: some Encodable, as type: Answer.Type = Answer.self)
        async throws
        -> Answer
    {
        try await call(
            HTTPRequest(
                method: "POST", url: base + path, headers: [("Content-Type", "application/json")],
                body: try ListingJSON.encode(body)))
    }

    private func call<Answer: Decodable>(_ request: HTTPRequest) async throws -> Answer {
        var request = request
        request.headers.append(("X-Defimon-User", NSUserName()))
        let response: HTTPResponse
        do { response = try await session.send(request, maxBody: 64 * 1024 * 1024, timeout: .seconds(90)) } catch {
            throw Complaint(
                "the bot cannot be reached at \(socket): \(error). Does it run? Start it with defimon serve or defimon sandbox.",
                .unreachable)
        }
        guard response.status == 200 else {
            // An answer that is no error of ours is shown by its status alone.
            let words = (try? ListingJSON.decode(ErrorListing.self, from: response.body))?.error
            throw Complaint(
                words ?? "the bot answered \(response.status)", response.status == 503 ? .unreachable : .failed)
        }
        return try ListingJSON.decode(Answer.self, from: response.body)
    }
}

/// Runs `body` with a client of the bot that `location` names.
func withBot<Value: Sendable>(
    _ location: BotLocation, _ body: (ControlClient) async throws -> Value
) async throws -> Value {
    let client = try ControlClient(socket: try location.paths().socket)
    do {
        let value = try await body(client)
        await client.shutdown()
        return value
    } catch {
        await client.shutdown()
        throw error
    }
}
