package import Domain

/// Where GitHub's webhooks come in.
package enum GitHubRoute {
    /// The largest body, in bytes: what GitHub itself caps payloads at, 25 MB (docs.github.com, "Webhook events and
    /// payloads", "Payload cap").
    static let maxBody = 25 * 1024 * 1024

    /// `POST /webhooks/github`, for webhooks of either content type.
    package static func route(verifier: GitHubVerifier) -> WebhookRoute {
        WebhookRoute(
            path: "/webhooks/github", source: GitHubEventDecoder.source, name: "webhooks", maxBody: maxBody,
            mediaTypes: ["application/json", "application/x-www-form-urlencoded"], verifier: verifier,
            acknowledgement: .json, inspect: inspect)
    }

    // Only the first and last bytes are looked at: the acknowledgement must not wait for a parser, and what is no
    // event after all is kept and reported by the decoder.
    @Sendable private static func inspect(_ delivery: Delivery) throws(Refusal) {
        let isForm = delivery.headers["content-type"]?.lowercased().contains("form-urlencoded") ?? false
        guard isForm == DeliveryBody.isForm(delivery.body) else {
            throw Refusal(
                .badRequest,
                isForm
                    ? "the form does not begin with payload=; choose the content type application/json"
                    : "the body is a form, and the content type says that it is JSON")
        }
        guard isForm || DeliveryBody.looksLikeObject(delivery.body) else {
            throw Refusal(.badRequest, "the body is not a JSON object")
        }
    }
}
