import Domain

/// What one connection may take.
struct ConnectionLimits: Sendable {
    /// From the first byte of a request to the end of its header.
    var headerTimeout: Duration
    /// From the end of the header to the end of the body.
    var bodyTimeout: Duration
    /// Silence.
    var idleTimeout: Duration
    /// Bytes that are read and dropped of a request that was turned away, so that its sender gets to read the answer.
    var discardedBytes = 16 * 1024 * 1024
    /// How long the sender has to read its last answer and close.
    var linger = Duration.seconds(2)

    init(_ limits: Limits) {
        headerTimeout = limits.headerTimeout
        bodyTimeout = limits.bodyTimeout
        idleTimeout = limits.idleTimeout
    }
}
