import CoreMetrics
import Domain
import Foundation
import Ingress
import Logging
import ServiceLifecycle
import UnixSignals

/// What the process has once: its logs, its metrics, its signals.
struct BotProcess {
    let redactor = Redactor()
    let metrics = PrometheusMetricsFactory()
    let logger: Logger

    /// Logs to standard error through the redactor, from the level that `DEFIMON_LOG` names on (`info` unless set).
    init(defaultLevel: Logger.Level = .info) {
        let redactor = redactor
        let named = ProcessInfo.processInfo.environment["DEFIMON_LOG"]
        let level = named.flatMap(Logger.Level.init(rawValue:)) ?? defaultLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return RedactingLogHandler(handler, redactor: redactor)
        }
        MetricsSystem.bootstrap(metrics)
        BotProcess.raiseOpenFiles()
        logger = Logger(label: "defimon")
    }

    /// Debian's default of 1,024 open files is below what the limits of connections allow.
    private static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Runs services until SIGTERM or SIGINT, or until `watch` ends, whose error is thrown; they then end one after the
    /// other, the last first.
    func run(_ services: [any Service], grace: Duration, watch: (any Service)? = nil) async throws {
        var all = services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }
        if let watch {
            all.append(
                .init(
                    service: watch, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup))
        }
        var configuration = ServiceGroupConfiguration(
            services: all, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = grace + .seconds(20)
        try await ServiceGroup(configuration: configuration).run()
    }
}
