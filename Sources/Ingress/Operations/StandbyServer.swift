package import Domain
import Hummingbird
package import Logging
import ServiceLifecycle

/// Answers in the place of the ingress while the bot waits to be let in: alive, not ready and why, and to everything
/// else that it should be sent again.
package struct StandbyServer: Service {
    private let listeners: [Listener]
    private let limits: Limits
    private let logger: Logger

    /// `reason` says why it waits.
    package init(
        settings: IngressSettings, metrics: PrometheusMetricsFactory, redactor: Redactor,
        reason: @escaping @Sendable () -> String, logger: Logger
    ) {
        limits = settings.limits
        self.logger = logger
        let source = Source("operations")
        let routes = [
            Route(method: .get, path: "/healthz", source: source) { _, _ in
                Answer.bytes("ok\n".utf8, type: "text/plain; charset=utf-8")
            },
            Route(method: .get, path: "/readyz", source: source) { _, _ in
                Answer.json(
                    redactor.redact(["is_ready": false, "reasons": [.string(reason())], "warnings": []]),
                    status: .serviceUnavailable)
            },
            Route(method: .get, path: "/metrics", source: source) { _, _ in
                Answer.bytes(redactor.redact(metrics.text(with: [])).utf8, type: PrometheusMetricsFactory.contentType)
            },
        ]
        let refusals = RefusalDesk(observer: nil, metrics: IngressMetrics(metrics))
        let table = RouteTable(routes, refusals: refusals) { scope in
            if scope.hasBody { scope.stopReading() }
            var response = Answer.error("this bot waits; another one works", status: .serviceUnavailable)
            response.headers[.retryAfter] = "5"
            return response
        }
        let admin = settings.adminListen.map { Listener(place: .tcp($0, .operators), table: table) }
        let open = Listener(place: .tcp(settings.listen, .everybody), table: table, certificate: settings.tls)
        listeners = [admin, open].compactMap { $0 }
    }

    package func run() async throws {
        let (addresses, open) = (ListeningAddresses(), OpenConnections())
        let services = listeners.map {
            ListenerService(listener: $0, limits: limits, addresses: addresses, open: open, logger: logger)
        }
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        try await ServiceGroup(configuration: configuration).run()
    }
}
