extension HTTPSession {
    /// How long the beginning of a body may take when its header is there.
    private static let bodyPatience = Duration.seconds(5)

    /// Sends a request whose answer is its status: at most `limit` bytes of the body are kept, the rest is not read,
    /// and a body that breaks off or hangs changes nothing. `timeout` counts until the answer's header is there. Throws
    /// `HTTPError`, or `CancellationError` when the task is cancelled.
    package func send(_ request: HTTPRequest, keepingFirst limit: Int, timeout: Duration = .seconds(30)) async throws
        -> HTTPResponse
    {
        let answer = try await stream(request, timeout: timeout)
        return HTTPResponse(
            status: answer.status, headers: answer.headers, body: try await firstBytes(of: answer.body, limit))
    }

    /// The beginning of a body, of at most `limit` bytes; empty when it does not come in time.
    func firstBytes(of parts: HTTPBodyParts, _ limit: Int) async throws -> [UInt8] {
        do {
            return try await withDeadline(HTTPSession.bodyPatience) {
                var body: [UInt8] = []
                for try await part in parts {
                    body += part.prefix(limit - body.count)
                    if body.count >= limit { break }
                }
                return body
            }
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return []
        }
    }
}
