package import Outbound

/// Runs `body` with a session that is shut down in the end, whatever happens.
package func withSession<Value: Sendable>(_ body: (HTTPSession) async throws -> Value) async throws -> Value {
    let session = try HTTPSession()
    let result: Result<Value, any Error>
    do { result = .success(try await body(session)) } catch { result = .failure(error) }
    await session.shutdown()
    return try result.get()
}
