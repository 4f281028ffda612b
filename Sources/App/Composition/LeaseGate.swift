import Definitions
import Domain
import Engine
import Foundation
import Ingress
import Kubernetes
import Logging
import ServiceLifecycle

/// Stands before everything that writes: where the settings name a Lease, the bot comes by only when it holds it.
struct LeaseGate {
    enum Outcome {
        /// The settings name none.
        case notSet
        case taken(LeaseKeeper, clusters: ClusterDirectory)
        /// It was told to stop while it waited.
        case stopped
    }

    let files: Bot.Files
    let process: BotProcess
    var time: any TimeSource = SystemTime()

    /// The lease that the settings ask for.
    static func settings(_ settings: Settings) -> LeaseSettings? {
        settings.sections["lease"].map { section in
            var reader = InputReader.reading(section)
            return LeaseSettings(&reader)
        }
    }

    /// Waits for as long as another process holds the Lease, and answers `/healthz` and `/readyz` meanwhile. Throws a
    /// `Complaint` when the settings or the addresses do not work.
    func open() async throws -> Outcome {
        let environment: BotEnvironment
        do { environment = try await BotEnvironment(folder: files.folder) } catch {
            throw Complaint("\(error)", .unreachable)
        }
        let loaded = try Bot.loader(files, environment).loadSettings()
        // The bot says what is wrong with them, and with all else; should it read a lease by then, it does not start.
        guard let settings = loaded.settings else { return .notSet }
        guard let wanted = LeaseGate.settings(settings) else { return .notSet }
        let clusters = try await clusters(settings, environment)
        let keeper = LeaseKeeper(
            wanted, clusters: clusters, identity: LeaseGate.identity(), time: time,
            onNews: { [self] in tell($0, wanted) }
        )
        do {
            if try await keeper.take(looks: 1) { return .taken(keeper, clusters: clusters) }
            if try await wait(keeper, settings) { return .taken(keeper, clusters: clusters) }
            await keeper.release()  // of a try whose answer did not come any more
            await clusters.shutdown()
            return .stopped
        } catch {
            await clusters.shutdown()
            throw Complaint("the bot ended while it waited for its lease: \(error)", .unreachable)
        }
    }

    /// True when the Lease is ours, false when the process was told to stop.
    private func wait(_ keeper: LeaseKeeper, _ settings: Settings) async throws -> Bool {
        let redactor = process.redactor
        let tls = try ListenerTLS(settings, folder: files.folder) { redactor.add($0) }
        let standby = StandbyServer(
            settings: IngressSettings(settings, tls: tls?.served), metrics: process.metrics, redactor: process.redactor,
            reason: { keeper.waitsFor ?? "the bot starts" }, logger: process.logger)
        try await process.run([standby], grace: .zero, watch: LeaseTaking(keeper: keeper))
        return keeper.mayWrite
    }

    /// Connections of its own, so that no request of a job stands before a renewal.
    private func clusters(_ settings: Settings, _ environment: BotEnvironment) async throws -> ClusterDirectory {
        let secrets = CurrentSecrets(
            environment: environment.variables, folder: files.folder, redactor: process.redactor)
        let redactor = process.redactor
        let clusters = ClusterDirectory(
            ClusterSettings(section: settings.sections["clusters"]), base: files.folder, secrets: secrets,
            environment: environment.variables, onSecret: { redactor.add($0) })
        let store = SecretStoreSettings.store(
            of: settings, clusters: clusters, base: files.folder, redactor: process.redactor)
        do { secrets.take(try await store.all(), from: store.place) } catch {
            await clusters.shutdown()
            throw Complaint("\(error)", .unreachable)
        }
        return clusters
    }

    /// The host, which is the pod's name in a cluster, and something that no other process has.
    static func identity() -> String {
        // Not ProcessInfo's, which asks name servers.
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, name.count - 1) == 0
        let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return "\(isKnown ? host : "defimon")_\(UUID().uuidString.lowercased())"
    }

    private func tell(_ news: LeaseKeeper.News, _ settings: LeaseSettings) {
        let place: Logger.Metadata = ["lease": "\(settings.place)"]
        func with(_ reason: String) -> Logger.Metadata { place.merging(["reason": "\(reason)"]) { $1 } }
        let logger = process.logger
        switch news {
        case .waits(let why): logger.notice("the bot waits", metadata: with(why))
        case .taken: logger.notice("the lease is held", metadata: place)
        case .renewalFails(let why): logger.warning("the lease cannot be renewed", metadata: with(why))
        case .renewedAgain: logger.notice("the lease is renewed again", metadata: place)
        case .lost(let why): logger.critical("the lease is lost: the bot stops", metadata: with(why))
        case .released: logger.notice("the lease is given back", metadata: place)
        case .notReleased(let why):
            logger.warning("the lease could not be given back: the next bot waits for its end", metadata: with(why))
        }
    }
}

/// Ends when the Lease is ours, or when it is told to stop.
private struct LeaseTaking: Service {
    let keeper: LeaseKeeper

    func run() async throws {
        await cancelWhenGracefulShutdown {
            _ = try? await keeper.take()  // thrown when it is cancelled; whether it is ours is asked afterwards
        }
    }
}

/// Ends the bot when the Lease is lost: its jobs at once, all else as at every stop.
struct LeaseWatch: Service {
    struct Lost: Error, CustomStringConvertible {
        let description: String
    }

    let keeper: LeaseKeeper
    let engine: BotEngine

    func run() async throws {
        let reason = await cancelWhenGracefulShutdown { await keeper.lost() }
        guard let reason else { return }
        engine.stopAtOnce()
        throw Lost(description: reason)
    }
}
