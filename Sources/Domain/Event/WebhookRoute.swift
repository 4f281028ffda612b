/// A path by which a source's deliveries come in. An outside system's folder makes one; the ingress serves it:
/// `receive → verify → record → acknowledge`.
package struct WebhookRoute: Sendable {
    /// The path: `/webhooks/alertmanager`.
    package var path: String
    package var source: Source
    /// `Delivery.route`: `alerts`.
    package var name: String
    /// The largest body, in bytes.
    package var maxBody: Int
    /// Media types that are taken, in lower case without parameters.
    package var mediaTypes: [String]
    package var verifier: any DeliveryVerifier
    /// Looks at a proven body before it is recorded. Throws a `Refusal` (400) when it is no such thing as the source
    /// sends: not JSON, not a form. It must be cheap: nothing generic before the acknowledgement.
    package var inspect: @Sendable (Delivery) throws(Refusal) -> Void
    /// Answered at once, with 200 and no body, without proof and without a record: Slack's `ssl_check`.
    package var isProbe: @Sendable (Delivery) -> Bool
    package var acknowledgement: Acknowledgement
    /// Looks at a proven delivery that asks for nothing yet: a form that is filled in wrongly goes back to its person
    /// with this JSON and 200, and is not recorded. Nil: it is recorded. It must return at once.
    package var reply: @Sendable (Delivery) -> JSONValue?

    /// `acknowledgement` is `.empty` for routes that take forms only (Slack shows any body to the person who typed),
    /// and `.json` for others, unless it is given.
    package init(
        path: String, source: Source, name: String, maxBody: Int, mediaTypes: [String],
        verifier: any DeliveryVerifier, acknowledgement: Acknowledgement? = nil,
        inspect: @escaping @Sendable (Delivery) throws(Refusal) -> Void = { _ throws(Refusal) in },
        isProbe: @escaping @Sendable (Delivery) -> Bool = { _ in false },
        reply: @escaping @Sendable (Delivery) -> JSONValue? = { _ in nil }
    ) {
        self.path = path
        self.source = source
        self.name = name
        self.maxBody = maxBody
        self.mediaTypes = mediaTypes
        self.verifier = verifier
        self.inspect = inspect
        self.isProbe = isProbe
        self.reply = reply
        self.acknowledgement =
            acknowledgement ?? (mediaTypes == ["application/x-www-form-urlencoded"] ? .empty : .json)
    }

    /// What a sender reads with the 200 that says its delivery is recorded.
    package enum Acknowledgement: Sendable, Hashable {
        /// One line of JSON: `{"status":"accepted"}`, or `{"status":"already received"}`.
        case json
        /// No body.
        case empty
    }
}

/// Is told what the ingress did. Called by the ingress after the answer is decided; must return at once.
package protocol IngressObserver: Sendable {
    /// A delivery is committed and is no duplicate: there is work.
    func accepted(_ delivery: RecordedDelivery)
    /// A request was turned away; floods are counted together.
    func refused(_ refusal: Refusal, source: Source, remoteAddress: String)
}
