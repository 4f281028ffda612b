/// What `POST /api/v1/run` takes.
package struct RunRequest: Sendable, Codable, Hashable {
    /// The words after `/defimon`.
    package var text: String
    /// The same key gives the same job again.
    package var idempotencyKey: String?

    package init(text: String, idempotencyKey: String?) {
        self.text = text
        self.idempotencyKey = idempotencyKey
    }

    private enum CodingKeys: String, CodingKey {
        case text
        case idempotencyKey = "idempotency_key"
    }
}
