/// A way to get a token.
protocol TokenGrant: Sendable {
    /// Throws `GoogleFailure` or `CancellationError`.
    func token() async throws -> AccessToken
}
