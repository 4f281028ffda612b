import Definitions
import Domain
import Engine
import Foundation
import GitHub
import Ingress
import Kubernetes
import Ledger
import Logging
import Outbound
import ServiceLifecycle

/// A whole bot, put together and not started yet.
struct Bot: Sendable {
    let settings: Settings
    let ledger: SQLiteLedger
    let engine: BotEngine
    let ingress: IngressServer
    let connections: Connections
    let reload: ReloadService
    /// Signs the audit; it starts before the engine, so that it sees its last word.
    private let seal: AuditSealService
    /// What works in the background, as far as the settings ask for it: copies of the ledger, missed deliveries, watches.
    private let background: [any Service]

    /// Where it reads its files.
    struct Files: Sendable {
        /// The settings' file, absolute.
        var settings: String
        /// The folder of `commands/`, `webhooks/` and `deploy/`, absolute.
        var root: String
        /// Where relative paths of the settings start.
        var folder: String { URL(filePath: settings).deletingLastPathComponent().path }
    }

    /// Reads everything and opens the ledger, which is written only while `lease` is held; it must be held where the
    /// settings name one. Throws a `Complaint` with every problem.
    init(
        _ files: Files, redactor: Redactor, metrics: PrometheusMetricsFactory, time: any TimeSource = SystemTime(),
        lease: LeaseKeeper? = nil, logger: Logger
    ) async throws {
        let environment: BotEnvironment
        do { environment = try await BotEnvironment(folder: files.folder) } catch {
            throw Complaint("\(error)", .unreachable)
        }
        let loader = try Bot.loader(files, environment)
        let loaded = await loader.loadAndTryExamples()
        guard let settings = loaded.settings, let definitions = loaded.definitions else {
            throw Complaint(
                loaded.problems.map(\.description).joined(separator: "\n")
                    + "\n\(loaded.problems.count) problems: nothing was started", .unreachable)
        }
        guard LeaseGate.settings(settings) == lease?.settings else {
            throw Complaint("the settings of the lease were changed meanwhile; start the bot again", .unreachable)
        }
        let placed = settings.placed(in: files.folder)
        let current = CurrentDefinitions(definitions)
        let connections: Connections
        let ledger: SQLiteLedger
        let watches: Watches
        let clock = ClockCheck(time: time)
        do {
            connections = try await Connections(
                placed, definitions: current, folder: files.folder, root: files.root,
                environment: environment, redactor: redactor, time: time, clock: clock)
            watches = try Watches(placed, secrets: connections.secrets)
            ledger = try SQLiteLedger(
                path: placed.ledgerPath, redactor: redactor, time: time, queueLimit: placed.limits.inboxQueue,
                logger: logger, keepBodies: placed.limits.keepBodies,
                mayWrite: { lease?.mayWrite ?? true })
        } catch let complaint as Complaint {
            throw complaint
        } catch {
            throw Complaint("\(error)", .unreachable)
        }
        let shown = LateReadings()
        var parts = BotEngine.Parts(
            reader: ledger, writer: ledger, numbers: ledger, definitions: current,
            catalogue: connections.actions, decoders: connections.decoders, outlets: connections.outlets,
            status: connections.status, alerts: connections.alerts, redactor: redactor, time: time,
            limits: placed.limits,
            alertStaleAfter: connections.alertStaleAfter,
            loadDefinitions: {
                let loaded = await loader.loadAndTryExamples()
                guard let definitions = loaded.definitions else {
                    return .failure(DefinitionProblems(problems: loaded.problems))
                }
                return .success(definitions)
            }, ledgerHealth: { ledger.health ?? ledger.inboxComplaint }, random: { Double.random(in: 0...1) },
            newKey: { UUID().uuidString.lowercased() }, logger: logger)
        parts.clock = clock
        parts.watchdog = watches.sightings
        parts.readSecretsAgain = { await connections.readSecretsAgain(folder: files.folder) }
        parts.readings = { await ledger.readings() + shown.read() }
        parts.warnings = { [connections.listenerTLS?.files?.complaint].compactMap(\.self) }
        let engine = BotEngine(parts)
        connections.jobs.bind(to: engine.jobStarter)
        self.settings = placed
        self.ledger = ledger
        self.engine = engine
        self.connections = connections
        ingress = IngressServer(
            routes: connections.routes, inbox: ledger, observer: engine, control: engine, reader: ledger,
            settings: IngressSettings(
                placed, challengeListen: Certificates.challengeListen(placed), tls: connections.served), time: time,
            redactor: redactor,
            metrics: metrics, challenges: connections.challenges, logger: logger)
        let watching: Watches.Running
        do {
            watching = try watches.services(
                of: engine, ledger: ledger, expirySources: connections.expirySources, clock: clock, time: time,
                logger: logger)
            seal = try await AuditSealService(
                AuditSealService.Parts(
                    reader: ledger, writer: ledger, announcer: engine.announcer(to: placed.audit.reportTo),
                    keys: AuditKeyFile(path: placed.audit.keyPath),
                    log: CheckpointFile(path: placed.audit.checkpointsPath), redactor: redactor, time: time,
                    logger: logger))
        } catch {
            throw Complaint("\(error)", .unreachable)
        }
        reload = ReloadService(files: files, engine: engine, time: time, logger: logger)
        let backup = placed.sections["backup"].map { section in
            var reader = InputReader.reading(section)
            return BackupService(
                BackupSettings(&reader), ledger: ledger, path: placed.ledgerPath, base: files.folder,
                announcer: engine.announcer, time: time, logger: logger)
        }
        shown.bind { await watching.readings() + (await backup?.readings() ?? []) }
        let sweep = connections.missedDeliveries.map { [ingress] client, settings in
            DeliverySweepService(
                settings.hooks.map {
                    DeliverySweep(
                        $0, client: client, reader: ledger, writer: ledger, announcer: engine.announcer, time: time,
                        logger: logger)
                }, every: settings.every, time: time, logger: logger,
                untilReceiving: { _ = try await ingress.addresses.bound })
        }
        let files = connections.listenerTLS?.files.map {
            CertificateFilesService(files: $0, time: time, logger: logger)
        }
        let services: [(any Service)?] = [backup, sweep, files]
        background = services.compactMap { $0 } + watching.services
    }

    /// In the order in which they start; they stop in the reverse.
    var services: [any Service] { [ledger, seal, engine, ingress, reload] + background }

    static func loader(_ files: Files, _ environment: BotEnvironment) throws -> DefinitionsLoader {
        let known = try Catalogue.unconnected(root: files.root)
        return DefinitionsLoader(
            root: files.root, settingsPath: files.settings, actions: known.actions, sections: Catalogue.sections,
            decoders: known.decoders, environment: environment.variables)
    }
}

extension Settings {
    /// Relative paths made absolute.
    fileprivate func placed(in folder: String) -> Settings {
        var settings = self
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        settings.ledgerPath = absolute(ledgerPath)
        settings.socketPath = absolute(socketPath)
        settings.audit.keyPath = absolute(audit.keyPath)
        settings.audit.checkpointsPath = absolute(audit.checkpointsPath)
        return settings
    }
}
