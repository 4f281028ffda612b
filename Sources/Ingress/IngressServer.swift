package import Domain
import HTTPTypes
package import Logging
import ServiceLifecycle

/// Serves webhooks, `/healthz`, `/readyz`, `/metrics` and pages on TCP, and the API on a Unix socket. It stops taking
/// connections when it is told to shut down, answers what it has begun, and cuts off what takes longer than
/// `shutdownGrace`.
package struct IngressServer: Service {
    /// How long requests that have begun may go on when the bot stops; never longer than `Limits.shutdownGrace`.
    package static let shutdownGrace = Duration.seconds(5)

    /// Where it listens. Waits until all listeners are up; throws when one could not start, or when it has stopped.
    package let addresses = ListeningAddresses()

    private let listeners: [Listener]
    private let open: OpenConnections
    private let settings: IngressSettings
    private let logger: Logger

    /// `metrics` is what `/metrics` shows; the ingress' own metrics go there too. All that is answered but
    /// pages and `challenges` passes `redactor`. `challenges` are answered to certificate authorities; nil: to nobody.
    package init(
        routes: [WebhookRoute], inbox: any DeliveryInbox, observer: any IngressObserver, control: any BotControl,
        reader: any LedgerReader, settings: IngressSettings, time: any TimeSource, redactor: Redactor,
        metrics: PrometheusMetricsFactory, pages: [Page] = [], challenges: ChallengeAnswers? = nil, logger: Logger
    ) {
        self.settings = settings
        self.logger = logger
        let counts = IngressMetrics(metrics)
        let bodies = BodiesInFlight(limit: settings.limits.bodiesInFlight)
        let refusals = RefusalDesk(observer: observer, metrics: counts)

        let webhooks = routes.map { route in
            let endpoint = DeliveryEndpoint(
                route: route, inbox: inbox, observer: observer, refusals: refusals, bodies: bodies,
                metrics: counts.ofRoute(route), time: time, logger: logger)
            return Route(method: .post, path: route.path, source: route.source) { scope, _ in
                await endpoint.respond(scope)
            }
        }
        let open = OpenConnections()
        let limits = settings.limits
        let operations =
            OperationsRoutes(control: control, metrics: metrics, redactor: redactor) {
                IngressBounds.readings(bodies, open, limits)
            }.routes + pages.map(\.route)
        let api = ControlAPI(control: control, reader: reader, redactor: redactor, bodies: bodies, logger: logger)

        var listeners = [
            Listener(
                place: .socket(settings.socketPath),
                table: RouteTable(api.routes, refusals: RefusalDesk(observer: nil, metrics: counts)))
        ]
        if let admin = settings.adminListen {
            listeners.append(
                Listener(place: .tcp(admin, .operators), table: RouteTable(operations, refusals: refusals)))
        }
        let proofs = challenges.map { [ChallengeEndpoint.route($0)] } ?? []
        if let address = settings.challengeListen {
            listeners.append(
                Listener(place: .tcp(address, .authorities), table: RouteTable(proofs, refusals: refusals)))
        }
        let others = proofs + (settings.adminListen == nil ? operations : [])
        listeners.append(
            Listener(
                place: .tcp(settings.listen, .everybody), table: RouteTable(webhooks + others, refusals: refusals),
                certificate: settings.tls))
        self.listeners = listeners
        self.open = open
    }

    package func run() async throws {
        addresses.expect(listeners.count)
        do {
            // Services stop in the reverse of this order: webhooks first, the command line's way in last.
            let services = listeners.map {
                ListenerService(
                    listener: $0, limits: settings.limits, addresses: addresses, open: open, logger: logger)
            }
            var configuration = ServiceGroupConfiguration(services: services, logger: logger)
            configuration.maximumGracefulShutdownDuration = min(
                IngressServer.shutdownGrace, settings.limits.shutdownGrace)
            try await ServiceGroup(configuration: configuration).run()
            addresses.stopped(IngressError("the server has stopped"))
        } catch {
            addresses.stopped(error)
            throw error
        }
    }
}
