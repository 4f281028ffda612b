import Crypto
import Domain
import Foundation

/// A delivery as it will be bound to its statements. Made in the caller's task, so that the writer only writes.
struct PreparedDelivery: Sendable {
    let source: String
    let route: String
    let deliveryID: String?
    let headers: PackedText
    let body: Data
    let bodySize: Int
    let bodyHash: Data
    let receivedAt: Int64
    let sender: String
    let remoteAddress: String
    let audit: PreparedAudit

    init(_ verified: VerifiedDelivery, redactor: Redactor) {
        let delivery = verified.delivery
        source = delivery.source.rawValue
        route = delivery.route
        deliveryID = verified.proof.deliveryID
        headers = PackedText(KeptHeaders.text(of: delivery.headers))
        body = Data(Zlib.compress(delivery.body) ?? delivery.body)
        bodySize = delivery.body.count
        let digest = Array(SHA256.hash(data: delivery.body))
        bodyHash = Data(digest)
        receivedAt = delivery.receivedAt.microseconds
        sender = verified.proof.sender
        remoteAddress = delivery.remoteAddress
        var detail: [String: JSONValue] = [
            "sender": .string(redactor.redact(sender)), "sha256": .string(Hex.encode(digest)),
            "size": .int(Int64(bodySize)),
        ]
        if let deliveryID { detail["delivery_id"] = .string(redactor.redact(deliveryID)) }
        audit = PreparedAudit(
            time: receivedAt, actor: source, kind: "delivery.accepted", subject: "",
            detail: JSONValue.object(detail).canonicalText)
    }
}
