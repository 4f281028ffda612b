import Domain
import Engine
import Logging
import Outbound
import ServiceLifecycle

/// Who watches the bot, and what the bot watches of itself.
struct Watches: Sendable {
    let sightings: WatchdogSightings?
    private let settings: WatchSettings?
    private let heartbeatURL: Secret?

    /// Reads the section `watch`. Throws `MissingSecret`.
    init(_ settings: Settings, secrets: any SecretSource) throws(MissingSecret) {
        guard let value = settings.sections["watch"] else {
            (self.settings, sightings, heartbeatURL) = (nil, nil, nil)
            return
        }
        var reader = InputReader.reading(value)
        let read = WatchSettings(&reader)
        self.settings = read
        sightings = read.watchdog.map { WatchdogSightings(alert: $0.alert) }
        switch read.heartbeat?.url {
        case .text(let url)?: heartbeatURL = Secret(url)
        case .secret(let reference)?: heartbeatURL = try secrets.secret(reference)
        case nil: heartbeatURL = nil
        }
    }

    /// The services of one bot.
    struct Running: Sendable {
        var heartbeat: HeartbeatService?
        var watchdog: WatchdogService?
        var expiry: ExpiryService

        var services: [any Service] {
            let optional: [(any Service)?] = [expiry, heartbeat, watchdog]
            return optional.compactMap(\.self)
        }

        func readings() async -> [MetricReading] {
            (heartbeat?.readings ?? []) + (watchdog?.readings ?? []) + (await expiry.readings())
        }
    }

    /// Puts the services together around an engine. Throws `HTTPError`.
    func services(
        of engine: BotEngine, ledger: any LedgerReader & LedgerWriter, expirySources: [any ExpirySource],
        clock: ClockCheck, time: any TimeSource, logger: Logger
    ) throws -> Running {
        var running = Running(
            expiry: ExpiryService(
                sources: expirySources, reader: ledger, writer: ledger, announcer: engine.announcer, time: time,
                logger: logger))
        if let heartbeat = settings?.heartbeat, let url = heartbeatURL {
            var configuration = HTTPSession.Configuration()
            configuration.clock = clock
            let session = try HTTPSession(configuration)
            running.heartbeat = HeartbeatService(
                every: heartbeat.every, notReadyReasons: { await engine.notReadyReasons() },
                send: {
                    let request = HTTPRequest(url: url.reveal(), headers: [("User-Agent", "Defimon")])
                    return try await session.send(request, keepingFirst: 1024, timeout: .seconds(15)).status
                }, time: time, logger: logger)
        }
        if let watchdog = settings?.watchdog, let sightings {
            running.watchdog = WatchdogService(
                sightings, within: watchdog.within, reader: ledger, announcer: engine.announcer, time: time,
                logger: logger)
        }
        return running
    }
}
