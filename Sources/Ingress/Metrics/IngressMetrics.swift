import CoreMetrics
import Domain

/// What the ingress counts.
struct IngressMetrics: Sendable {
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) {
        self.factory = factory
    }

    /// What `/metrics` says these are.
    static let help = [
        "defimon_deliveries": "Deliveries that were recorded, by source, route and outcome.",
        "defimon_delivery":
            "Time from a request's header to the decision on its answer, for deliveries that were recorded.",
        "defimon_refusals": "Requests that were turned away, by source and reason.",
    ]

    /// Counts a request that was turned away.
    func refused(_ source: Source, _ reason: Refusal.Reason) {
        Counter(
            label: "defimon_refusals", dimensions: [("source", source.rawValue), ("reason", reason.rawValue)],
            factory: factory
        ).increment()
    }

    /// Metrics of one route, made once.
    func ofRoute(_ route: WebhookRoute) -> OfRoute {
        let dimensions = [("source", route.source.rawValue), ("route", route.name)]
        func counter(_ outcome: String) -> Counter {
            Counter(label: "defimon_deliveries", dimensions: dimensions + [("outcome", outcome)], factory: factory)
        }
        return OfRoute(
            accepted: counter("accepted"), duplicate: counter("duplicate"),
            duration: Timer(label: "defimon_delivery", dimensions: dimensions, factory: factory))
    }

    struct OfRoute: Sendable {
        fileprivate let accepted: Counter
        fileprivate let duplicate: Counter
        fileprivate let duration: Timer

        func recorded(isDuplicate: Bool, took: Duration) {
            (isDuplicate ? duplicate : accepted).increment()
            let (seconds, attoseconds) = took.components
            duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }
}
