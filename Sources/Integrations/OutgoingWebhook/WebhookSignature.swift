import Domain

/// How a receiver knows that a report is ours: HMAC-SHA256 (RFC 2104) with the shared secret over
/// `v1:<timestamp>:<body>`. The time is part of it, so that a receiver may refuse what is old.
enum WebhookSignature {
    static let deliveryHeader = "X-Defimon-Delivery"
    static let timestampHeader = "X-Defimon-Timestamp"
    static let signatureHeader = "X-Defimon-Signature-256"

    /// `v1=` and 64 hexadecimal digits; `timestamp` is in seconds since 1970-01-01T00:00:00Z.
    static func of(_ body: [UInt8], timestamp: Int64, secret: Secret) -> String {
        "v1=" + Hex.encode(HMACSHA256.code(for: [Array("v1:\(timestamp):".utf8), body], key: secret))
    }
}
