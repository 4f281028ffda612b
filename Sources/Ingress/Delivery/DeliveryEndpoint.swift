import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging

/// The way of a delivery into the ledger: receive → verify → record → acknowledge. A 2xx leaves only after the commit;
/// a sender that goes away earlier changes nothing about it.
struct DeliveryEndpoint: Sendable {
    let route: WebhookRoute
    let inbox: any DeliveryInbox
    let observer: any IngressObserver
    let refusals: RefusalDesk
    let bodies: BodiesInFlight
    let metrics: IngressMetrics.OfRoute
    let time: any TimeSource
    let logger: Logger

    func respond(_ scope: RequestScope) async -> Response {
        let start = ContinuousClock.now
        var share = bodies.share()
        var isBodyRead = false
        do throws(Refusal) {
            let delivery = try await receive(scope, &share)
            isBodyRead = true
            if route.isProbe(delivery) { return Answer.empty }
            let verified = try route.verifier.verify(delivery)
            try route.inspect(delivery)
            if let reply = route.reply(delivery) { return Answer.json(reply) }
            let recorded = try await record(verified)
            return acknowledge(recorded, since: start)
        } catch {
            return refusals.answer(error, route.source, scope, isBodyRead: isBodyRead)
        }
    }

    private func receive(
        _ scope: RequestScope, _ share: inout BodiesInFlight.Share
    ) async throws(Refusal) -> Delivery {
        let headers = scope.headers
        try checkMediaType(headers["content-type"])
        try checkEncoding(headers["content-encoding"])
        let body = try await BodyReader.read(scope, limit: route.maxBody, &share)
        return Delivery(
            source: route.source, route: route.name, headers: headers, body: body, receivedAt: time.now,
            remoteAddress: scope.remoteAddress)
    }

    private func checkMediaType(_ value: String?) throws(Refusal) {
        if route.mediaTypes.isEmpty { return }
        let type = value?.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace } ?? ""
        guard route.mediaTypes.contains(type) else {
            let wanted = route.mediaTypes.joined(separator: " or ")
            throw Refusal(.unsupportedMediaType, "the content type must be \(wanted)")
        }
    }

    private func checkEncoding(_ value: String?) throws(Refusal) {
        guard let value, value.lowercased() != "identity" else { return }
        throw Refusal(.unsupportedEncoding, "the body must come without a content encoding")
    }

    private func record(_ verified: VerifiedDelivery) async throws(Refusal) -> RecordedDelivery {
        do {
            return try await inbox.record(verified)
        } catch {
            switch error {
            case .overloaded:
                throw Refusal(.overloaded, "too many deliveries wait to be written; send it again")
            case .closed:
                throw Refusal(.unavailable, "the bot is shutting down; send it again")
            case .unavailable(let reason), .conflict(let reason):
                // The ledger says once, loudly, that it cannot be written; here it is one line for each delivery.
                logger.debug(
                    "A delivery could not be written; its sender was told to send it again",
                    metadata: ["source": "\(route.source)", "reason": "\(reason)"])
                throw Refusal(.unavailable, "the delivery cannot be written now; send it again")
            }
        }
    }

    private func acknowledge(_ recorded: RecordedDelivery, since start: ContinuousClock.Instant) -> Response {
        metrics.recorded(isDuplicate: recorded.isDuplicate, took: start.duration(to: .now))
        // Also for a duplicate: of the first, the commit may have come after its sender was told to send it again.
        observer.accepted(recorded)
        switch route.acknowledgement {
        case .empty: return Answer.empty
        case .json: return recorded.isDuplicate ? DeliveryEndpoint.duplicate : DeliveryEndpoint.accepted
        }
    }

    private static let accepted = Answer.json(["status": "accepted"])
    private static let duplicate = Answer.json(["status": "already received"])
}
