import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Turns requests away: says why in one line, tells the observer, counts.
struct RefusalDesk: Sendable {
    /// Nil where refusals are nobody's business but the caller's: on the Unix socket.
    let observer: (any IngressObserver)?
    let metrics: IngressMetrics

    /// The answer to a request that was turned away. What has not come of its body is not read.
    func answer(_ refusal: Refusal, _ source: Source, _ scope: RequestScope, isBodyRead: Bool = false) -> Response {
        if scope.hasBody, !isBodyRead { scope.stopReading() }
        metrics.refused(source, refusal.reason)
        observer?.refused(refusal, source: source, remoteAddress: scope.remoteAddress)
        var response = Answer.error(refusal.message, status: .init(code: refusal.status))
        // Alertmanager gives up for good on 429 and ignores this header; others wait.
        if refusal.status == 503 { response.headers[.retryAfter] = "1" }
        return response
    }
}
