import Domain
import Outbound

extension NodeFailure {
    /// What a status other than 200 means.
    static func status(_ status: Int, what: String) -> NodeFailure {
        switch status {
        case 401, 403:
            NodeFailure(
                .refused(hint: "let the bot's address in, or give a URL that needs no login"),
                "\(what): the server refuses us (\(status))")
        case 200: NodeFailure(.passing, "\(what): the answer is not JSON")
        default: NodeFailure(.passing, "\(what): the server answers \(status)")
        }
    }

    init(_ error: HTTPError) {
        self.init(.passing, error.message, reach: Reach(error.message))
    }
}

extension NodeFailure.Reach {
    /// The words are those of the session and of the system's `strerror`, in lower case.
    init(_ message: String) {
        let closed = [
            "connection refused", "connection reset", "closed the connection", "broken pipe", "the answer broke off",
        ]
        let silent = [
            "within the time-out", "no complete answer", "timed out", "no route to host", "unreachable",
        ]
        self =
            if closed.contains(where: message.contains) { .closed } else if silent.contains(where: message.contains) {
                .silent
            } else { .elsewhere }
    }
}

extension HTTPSession {
    /// How long one answer of a node may take: it is asked again soon.
    private static let patience = Duration.seconds(5)

    /// Sends a request to a node. Throws `NodeFailure`, or `CancellationError`.
    func answer(to request: HTTPRequest, maxBody: Int) async throws -> HTTPResponse {
        do {
            return try await send(request, maxBody: maxBody, timeout: HTTPSession.patience)
        } catch let error as HTTPError {
            throw NodeFailure(error)
        }
    }
}
