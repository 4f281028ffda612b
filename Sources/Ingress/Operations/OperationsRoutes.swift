import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// What machines ask of a running bot: is it alive, is it ready, how is it doing.
struct OperationsRoutes: Sendable {
    private static let source = Source("operations")

    private let control: any BotControl
    private let metrics: PrometheusMetricsFactory
    private let redactor: Redactor
    private let bounds: @Sendable () -> [MetricReading]

    /// Reasons and labels may quote settings and outside systems, so all passes `redactor`. `bounds` reads how much of the ingress' own bounds is used.
    init(
        control: any BotControl, metrics: PrometheusMetricsFactory, redactor: Redactor,
        bounds: @escaping @Sendable () -> [MetricReading]
    ) {
        self.control = control
        self.metrics = metrics
        self.redactor = redactor
        self.bounds = bounds
    }

    var routes: [Route] {
        [
            // Alive means that the process answers; it asks nobody.
            get("/healthz") { Answer.bytes("ok\n".utf8, type: "text/plain; charset=utf-8") },
            get("/readyz") {
                let reasons = await control.notReadyReasons()
                let warnings = await control.warnings()
                return Answer.json(
                    redactor.redact([
                        "is_ready": .bool(reasons.isEmpty), "reasons": .array(reasons.map(JSONValue.string)),
                        "warnings": .array(warnings.map(JSONValue.string)),
                    ]),
                    status: reasons.isEmpty ? .ok : .serviceUnavailable)
            },
            get("/metrics") {
                let text = metrics.text(with: bounds() + (await control.readings()))
                return Answer.bytes(redactor.redact(text).utf8, type: PrometheusMetricsFactory.contentType)
            },
        ]
    }

    private func get(_ path: String, _ answer: @escaping @Sendable () async -> Response) -> Route {
        Route(method: .get, path: path, source: OperationsRoutes.source) { scope, _ in await answer() }
    }
}
