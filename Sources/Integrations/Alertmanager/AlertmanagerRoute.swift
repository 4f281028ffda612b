package import Domain

/// Where Alertmanager's webhook comes in.
package enum AlertmanagerRoute {
    /// The largest body, in bytes: about ten thousand alerts.
    static let maxBody = 8 * 1024 * 1024

    /// `POST /webhooks/alertmanager`.
    package static func route(verifier: AlertmanagerVerifier) -> WebhookRoute {
        WebhookRoute(
            path: "/webhooks/alertmanager", source: AlertmanagerEventDecoder.source, name: "alerts", maxBody: maxBody,
            mediaTypes: ["application/json"], verifier: verifier, inspect: inspect)
    }

    // Only the first and last bytes are looked at: the acknowledgement must not wait for a parser, and what is no
    // alert after all is kept and reported by the decoder.
    @Sendable private static func inspect(_ delivery: Delivery) throws(Refusal) {
        guard let first = delivery.body.first(where: { !isSpace($0) }), first == UInt8(ascii: "{"),
            let last = delivery.body.last(where: { !isSpace($0) }), last == UInt8(ascii: "}")
        else { throw Refusal(.badRequest, "the body is not a JSON object") }
    }

    /// White space of RFC 8259 §2.
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }
}
