/// Header fields of a delivery, names in lower case (docs.github.com, "Webhook events and payloads", "Delivery
/// headers").
enum GitHubHeader {
    static let event = "x-github-event"
    static let delivery = "x-github-delivery"
    static let signature = "x-hub-signature-256"
    static let hookID = "x-github-hook-id"

    /// Whether the value of `X-GitHub-Event` could be one: `pull_request`.
    static func isEvent(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// Whether the value of `X-GitHub-Delivery` could be one; it is a UUID.
    static func isDeliveryID(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }
}
