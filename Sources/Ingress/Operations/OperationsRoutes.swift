import CoreMetrics
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// What machines ask of a running bot: is it alive, is it ready, how is it doing.
struct OperationsRoutes: Sendable {
    private static let source = Source("operations")

    private let control: any BotControl
    private let metrics: PrometheusMetricsFactory
    private let bodies: BodiesInFlight
    private let heldBytes: Meter

    init(control: any BotControl, metrics: PrometheusMetricsFactory, bodies: BodiesInFlight) {
        self.control = control
        self.metrics = metrics
        self.bodies = bodies
        heldBytes = Meter(label: "defimon_bodies_in_flight_bytes", dimensions: [], factory: metrics)
    }

    var routes: [Route] {
        [
            // Alive means that the process answers; it asks nobody.
            get("/healthz") { Answer.bytes("ok\n".utf8, type: "text/plain; charset=utf-8") },
            get("/readyz") {
                let reasons = await control.notReadyReasons()
                return Answer.json(
                    ["is_ready": .bool(reasons.isEmpty), "reasons": .array(reasons.map(JSONValue.string))],
                    status: reasons.isEmpty ? .ok : .serviceUnavailable)
            },
            get("/metrics") {
                heldBytes.set(bodies.bytes)
                return Answer.bytes(metrics.text().utf8, type: PrometheusMetricsFactory.contentType)
            },
        ]
    }

    private func get(_ path: String, _ answer: @escaping @Sendable () async -> Response) -> Route {
        Route(method: .get, path: path, source: OperationsRoutes.source) { scope, _ in await answer() }
    }
}
