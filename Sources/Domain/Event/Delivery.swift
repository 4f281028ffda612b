package import Foundation

/// The name of an outside system that sends events: `slack`, `alertmanager`, `github`, `cli`.
package struct Source: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    package var rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { rawValue = name }
    package var description: String { rawValue }
}

/// The bytes that one source sent in one request, before anybody is believed.
package struct Delivery: Sendable {
    package var source: Source
    /// The route it came in by, as its integration names it: `commands`, `interactions`, `alerts`.
    package var route: String
    /// Header fields; names in lower case, a repeated field joined by ", " (RFC 9110 §5.3).
    package var headers: [String: String]
    package var body: [UInt8]
    package var receivedAt: Date
    /// The sender's network address, for the audit of refusals.
    package var remoteAddress: String

    package init(
        source: Source, route: String, headers: [String: String], body: [UInt8], receivedAt: Date,
        remoteAddress: String
    ) {
        self.source = source
        self.route = route
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
        self.remoteAddress = remoteAddress
    }
}

/// Why a request was turned away. Never holds a secret, an expected signature or a body.
package struct Refusal: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable, Codable {
        case missingHeader = "missing-header"
        case badSignature = "bad-signature"
        case staleTimestamp = "stale-timestamp"
        case badCredentials = "bad-credentials"
        case badRequest = "bad-request"
        case unsupportedMediaType = "unsupported-media-type"
        case unsupportedEncoding = "unsupported-encoding"
        case tooLarge = "too-large"
        case tooSlow = "too-slow"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case notConfigured = "not-configured"
        case overloaded = "overloaded"
        case unavailable = "unavailable"
    }

    package var reason: Reason
    /// One line that the sender may read.
    package var message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The HTTP status that says so.
    package var status: Int {
        switch reason {
        case .missingHeader, .badRequest: 400
        case .badSignature, .staleTimestamp, .badCredentials: 401
        case .notFound: 404
        case .methodNotAllowed: 405
        case .tooSlow: 408
        case .tooLarge: 413
        case .unsupportedMediaType, .unsupportedEncoding: 415
        case .notConfigured, .overloaded, .unavailable: 503
        }
    }
}

/// Proves who sent a delivery. Called by the ingress on the raw bytes, before anything parses them; must compare in
/// constant time and must not keep state. Each source has one.
package protocol DeliveryVerifier: Sendable {
    /// The id of a proven delivery, which makes it unique among those of its source (nil: it has none, every one
    /// counts). Throws a `Refusal` when the sender is not proven.
    func proof(of delivery: Delivery) throws(Refusal) -> DeliveryProof
}

/// What a verifier found out.
package struct DeliveryProof: Sendable {
    /// Makes the delivery unique among those of its source; nil when the source gives no id.
    package var deliveryID: String?
    /// Who is proven to have sent it, for the audit: the name of the secret or the account, never the secret.
    package var sender: String

    package init(deliveryID: String?, sender: String) {
        self.deliveryID = deliveryID
        self.sender = sender
    }
}

/// A delivery whose sender is proven. Only `DeliveryVerifier.verify` makes one.
package struct VerifiedDelivery: Sendable {
    package let delivery: Delivery
    package let proof: DeliveryProof

    fileprivate init(delivery: Delivery, proof: DeliveryProof) {
        self.delivery = delivery
        self.proof = proof
    }
}

extension DeliveryVerifier {
    /// The one way to a `VerifiedDelivery`.
    package func verify(_ delivery: Delivery) throws(Refusal) -> VerifiedDelivery {
        VerifiedDelivery(delivery: delivery, proof: try proof(of: delivery))
    }
}

/// Writes proven deliveries to the disk. Called by the ingress before it answers 2xx; a ledger implements it.
package protocol DeliveryInbox: Sendable {
    /// Returns when the delivery is committed and flushed. Throws `LedgerError` when it could not be.
    func insert(_ delivery: VerifiedDelivery) async throws(LedgerError) -> InboxReceipt
}

/// What the inbox says of a delivery.
package struct InboxReceipt: Sendable {
    package var rowID: Int64
    /// True when a delivery with this id is in the ledger already: nothing was written but a counter.
    package var isDuplicate: Bool

    package init(rowID: Int64, isDuplicate: Bool) {
        self.rowID = rowID
        self.isDuplicate = isDuplicate
    }
}

/// A delivery that is committed to the disk. Only `DeliveryInbox.record` makes one.
package struct RecordedDelivery: Sendable {
    package let delivery: Delivery
    package let rowID: Int64
    package let isDuplicate: Bool

    fileprivate init(delivery: Delivery, receipt: InboxReceipt) {
        self.delivery = delivery
        rowID = receipt.rowID
        isDuplicate = receipt.isDuplicate
    }
}

extension DeliveryInbox {
    /// The one way to a `RecordedDelivery`.
    package func record(_ verified: VerifiedDelivery) async throws(LedgerError) -> RecordedDelivery {
        RecordedDelivery(delivery: verified.delivery, receipt: try await insert(verified))
    }
}
