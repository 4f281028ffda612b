import Domain
import Engine
import Foundation
import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Who watches the bot.
@Suite struct WatchTests {
    let folder: TemporaryFolder
    let time = VirtualTime()
    let outlet = RecordingOutlet()
    let logger: Logger

    init() throws {
        folder = try TemporaryFolder()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
    }

    /// Runs services while `body` runs.
    private func running(_ services: [any Service], _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await body() } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Moves the time until that many records of a kind are there, and returns them, the newest first. What was told is
    /// counted in the audit: a message may be delivered more than once when time runs ahead of its delivery.
    private func records(_ bot: Harness, _ kind: String, _ count: Int, step: Duration) async throws -> [AuditRecord] {
        try await eventually {
            let found = try await bot.ledger.audit(AuditFilter(kind: kind))
            if found.count >= count { return found }
            time.advance(by: step)
            return nil
        } ?? []
    }

    // MARK: Watchdog

    private func withWatchdog(_ body: (Harness) async throws -> Void) async throws {
        let sightings = WatchdogSightings(alert: "Watchdog")
        try await Harness.run(
            Samples.set([]), actions: [], in: folder, time: time, outlet: outlet, watchdog: sightings
        ) { bot in
            let service = WatchdogService(
                sightings, within: .seconds(600), reader: bot.ledger, announcer: bot.engine.announcer, time: time,
                logger: logger)
            try await running([service]) { try await body(bot) }
        }
    }

    /// Lets time go on, in steps that every sleeper sees.
    private func pass(_ span: Duration) async throws {
        for _ in 0..<Int(span.components.seconds / 30) {
            time.advance(by: .seconds(30))
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test func `a watchdog that keeps coming is no news, and its silence is told once`() async throws {
        try await withWatchdog { bot in
            for _ in 0..<4 {
                try await bot.alert("Watchdog", startedAt: Date(timeIntervalSince1970: 1_000_000))
                let seen = time.now
                let isNoted: Bool? = try await eventually {
                    try await bot.ledger.note("watch/watchdog/seen") == .int(seen.microseconds) ? true : nil
                }
                #expect(isNoted == true)
                try await pass(.seconds(300))
            }
            #expect(outlet.all(in: "#ops").isEmpty)
            let first = try await records(bot, "watchdog.missing", 1, step: .seconds(10))
            #expect(first.count == 1)
            #expect(await bot.message("does not come any more") != nil)
            try await pass(.seconds(1800))
            #expect(try await bot.ledger.audit(AuditFilter(kind: "watchdog.missing")).count == 1)
            try await bot.alert("Watchdog", startedAt: Date(timeIntervalSince1970: 1_000_000))
            let back = try await records(bot, "watchdog.back", 1, step: .seconds(1))
            #expect(back.count == 1)
            #expect(await bot.message("comes again") != nil)
        }
    }

    @Test func `silence is told again after hours`() async throws {
        try await withWatchdog { bot in
            let told = try await records(bot, "watchdog.missing", 2, step: .seconds(60))
            #expect(await bot.message("It never came") != nil)
            try #require(told.count == 2)
            #expect(told[0].time.since(told[1].time) >= .seconds(6 * 3600))
        }
    }

    @Test func `after a restart the same silence is not told again, and its end is`() async throws {
        try await withWatchdog { bot in
            let missing = try await records(bot, "watchdog.missing", 1, step: .seconds(10))
            #expect(missing.count == 1)
        }
        try await withWatchdog { bot in
            try await pass(.seconds(1800))
            #expect(try await bot.ledger.audit(AuditFilter(kind: "watchdog.missing")).count == 1)
            try await bot.alert("Other")
            try await pass(.seconds(120))
            #expect(try await bot.ledger.audit(AuditFilter(kind: "watchdog.back")).isEmpty)
            try await bot.alert("Watchdog")
            let returned = try await records(bot, "watchdog.back", 1, step: .seconds(1))
            #expect(returned.count == 1)
            #expect(await bot.message("comes again") != nil)
        }
    }

    // MARK: Heartbeat

    @Test func `a heartbeat is sent while the bot is ready, and not otherwise`() async throws {
        let beats = Mutex(0)
        let reasons = Mutex<[String]>(["jobs are still being read"])
        let service = HeartbeatService(
            every: .seconds(60), notReadyReasons: { reasons.withLock { $0 } },
            send: {
                let number = beats.withLock {
                    $0 += 1
                    return $0
                }
                return number == 2 ? 500 : 204
            }, time: time, logger: logger)
        try await running([service]) {
            await time.untilSleeping(1)
            #expect(beats.withLock { $0 } == 0)
            reasons.withLock { $0 = [] }
            for expected in 1...3 {
                time.advance(by: .seconds(59))
                #expect(beats.withLock { $0 } == expected - 1)
                time.advance(by: .seconds(1))
                await time.untilSleeping(1)
                #expect(beats.withLock { $0 } == expected)
            }
            let counted = Dictionary(
                uniqueKeysWithValues: service.readings.map { ($0.labels["outcome"] ?? "", $0.value) })
            #expect(counted == ["sent": 2, "failed": 1, "withheld": 1])
        }
    }

    // MARK: Ends of credentials

    /// Credentials that a test changes.
    private final class Credentials: ExpirySource {
        let list = Mutex<[Expiry]>([])
        func expiries() async -> [Expiry] { list.withLock { $0 } }
    }

    private func withExpiry(_ credentials: Credentials, _ body: (Harness, ExpiryService) async throws -> Void)
        async throws
    {
        try await Harness.run(Samples.set([]), actions: [], in: folder, time: time, outlet: outlet) { bot in
            let service = ExpiryService(
                sources: [credentials], reader: bot.ledger, writer: bot.ledger, announcer: bot.engine.announcer,
                time: time, logger: logger)
            try await running([service]) { try await body(bot, service) }
        }
    }

    @Test func `people are warned two weeks before an end, three days before, and when it has come`() async throws {
        let credentials = Credentials()
        let end = time.now.advanced(by: .seconds(20 * 86_400))
        credentials.list.withLock { $0 = [Expiry(name: "github.token", endsAt: end)] }
        try await withExpiry(credentials) { bot, service in
            let first = try await records(bot, "credential.ends", 1, step: .seconds(3600))
            #expect((13.0...14.0).contains(end.since(try #require(first.first).time).secondsValue / 86_400))
            #expect(await service.readings().first?.labels == ["name": "github.token"])
        }
        // A restart in between, at which the end is not known at once.
        credentials.list.withLock { $0 = [] }
        try await withExpiry(credentials) { bot, _ in
            await time.untilSleeping(1)
            credentials.list.withLock { $0 = [Expiry(name: "github.token", endsAt: end)] }
            let both = try await records(bot, "credential.ends", 2, step: .seconds(3600))
            #expect((2.0...3.0).contains(end.since(try #require(both.first).time).secondsValue / 86_400))
            let ended = try await records(bot, "credential.ended", 1, step: .seconds(3600))
            #expect(end.since(try #require(ended.first).time) <= .zero)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "credential.")).count == 3)
            #expect(await bot.message("github.token has ended") != nil)
        }
    }

    @Test func `a token that lives for an hour is told about when it was not renewed`() async throws {
        let credentials = Credentials()
        let start = time.now
        credentials.list.withLock {
            $0 = [
                Expiry(name: "short", endsAt: start.advanced(by: .seconds(7200)), beganAt: start),
                Expiry(name: "long", endsAt: start.advanced(by: .seconds(100 * 86_400)), beganAt: start),
            ]
        }
        try await withExpiry(credentials) { bot, _ in
            _ = try await records(bot, "credential.ended", 1, step: .seconds(3600))
            let told = try await bot.ledger.audit(AuditFilter(kind: "credential."))
            #expect(told.map(\.subject) == ["credential/short"])
        }
    }

    // MARK: Secrets that are read again

    @Test func `a rotation is on record by its name, and a secret that cannot be read is told`() async throws {
        var found = SecretRereading()
        found.rotated = ["file:slack.secret"]
        found.failures = [.init(name: "file:github.token", reason: "the secret file github.token is empty")]
        try await Harness.run(
            Samples.set([]), actions: [], in: folder, time: time, outlet: outlet, secrets: { [found] in found }
        ) { bot in
            #expect(await bot.engine.reload().isEmpty)
            let rotated = try await bot.ledger.audit(AuditFilter(kind: "secret.rotated"))
            #expect(rotated.map(\.subject) == ["secret/file:slack.secret"])
            #expect(rotated.first?.detail == [:])
            #expect(await bot.message("file:github.token") != nil)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "secret.unreadable")).count == 1)
        }
    }

    // MARK: Readiness

    @Test func `a clock that is half a minute off is a warning, five minutes make the bot not ready`() async throws {
        let clock = ClockCheck(time: time)
        try await Harness.run(Samples.set([]), actions: [], in: folder, time: time, outlet: outlet, clock: clock) {
            bot in
            let isReady: Bool? = await eventually { await bot.engine.notReadyReasons().isEmpty ? true : nil }
            #expect(isReady == true)
            for host in ["a", "b"] { clock.observe(host, told: time.now.addingTimeInterval(40), sent: time.now) }
            #expect(await bot.engine.warnings().count == 1)
            #expect(await bot.engine.notReadyReasons().isEmpty)
            for host in ["a", "b"] { clock.observe(host, told: time.now.addingTimeInterval(-400), sent: time.now) }
            #expect(await bot.engine.warnings().isEmpty)
            #expect(await bot.engine.notReadyReasons().count == 1)
        }
    }

    @Test func `every bound of the engine and the ledger is among the readings`() async throws {
        try await Harness.run(Samples.set([]), actions: [], in: folder, time: time, outlet: outlet) { bot in
            let isReady: Bool? = await eventually { await bot.engine.notReadyReasons().isEmpty ? true : nil }
            #expect(isReady == true)
            let readings = await bot.engine.readings() + bot.ledger.readings()
            let values = Dictionary(readings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            for name in [
                "jobs_running", "jobs_waiting", "inbox_waiting", "ledger_changes_waiting", "outbox_waiting",
                "outbox_oldest_age_seconds", "refusals_folded_total", "ledger_failures_total",
            ] { #expect(values["defimon_\(name)"] == 0, "\(name)") }
            #expect(values["defimon_jobs_running_limit"] == 16)
            #expect(values["defimon_jobs_waiting_limit"] == 10_000)
            #expect(values["defimon_inbox_limit"] == 1000)
            for name in ["ledger_file_bytes", "ledger_wal_bytes", "ledger_commits_total", "ledger_writes_total"] {
                #expect((values["defimon_\(name)"] ?? 0) > 0, "\(name)")
            }
        }
    }
}
