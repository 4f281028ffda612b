package import Domain
import Foundation
package import Logging
import ServiceLifecycle
import Synchronization

/// Tells the team when the alert that must keep coming does not come, again every few hours while it does not, and once
/// when it is back. What was told is in the ledger, so that a restart tells nothing twice.
package final class WatchdogService: Service {
    /// How often people are told of the same silence.
    static let again = Duration.seconds(6 * 3600)
    static let note = "watch/watchdog/told"
    static let subject = "watch/watchdog"

    private let sightings: WatchdogSightings
    private let within: Duration
    private let reader: any LedgerReader
    private let announcer: any TeamAnnouncer
    private let time: any TimeSource
    private let logger: Logger
    /// What the alert is missed from on, when it was never seen: the time at which the bot began to listen.
    private let startedAt = Mutex<Date?>(nil)

    package init(
        _ sightings: WatchdogSightings, within: Duration, reader: any LedgerReader, announcer: any TeamAnnouncer,
        time: any TimeSource, logger: Logger
    ) {
        self.sightings = sightings
        self.within = within
        self.reader = reader
        self.announcer = announcer
        self.time = time
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            self.startedAt.withLock { $0 = self.time.now }
            let pause = max(min(self.within / 10, .seconds(60)), .seconds(1))
            var isRestored = false
            while !Task.isCancelled {
                do {
                    if !isRestored { try await self.sightings.restore(self.reader) }
                    isRestored = true
                    try await self.look()
                } catch LedgerError.closed {
                    return
                } catch {
                    self.logger.error("the watchdog cannot be looked at", metadata: ["error": "\(error)"])
                }
                do { try await self.time.sleep(for: pause) } catch { return }
            }
        }
    }

    private func look() async throws(LedgerError) {
        let now = time.now
        var told: Date?
        if case .int(let at)? = try await reader.note(WatchdogService.note) { told = Date(microseconds: at) }
        let seen = sightings.lastSeen
        // While the bot was away nobody could have come.
        let since = [seen, startedAt.withLock { $0 }].compactMap(\.self).max() ?? now
        if now.since(since) > within {
            guard told.map({ now.since($0) >= WatchdogService.again }) ?? true else { return }
            try await tellSilence(seen, now)
        } else if let told, let seen, seen > told {
            try await tellReturn(now)
        }
    }

    private func tellSilence(_ seen: Date?, _ now: Date) async throws(LedgerError) {
        let last = seen.map { "It came last at \(PersonTime.text($0))." } ?? "It never came."
        logger.error("the watchdog alert does not come", metadata: ["alert": "\(sightings.alert)"])
        try await announcer.announce(
            Report(
                mood: .failure,
                title: "The alert \(sightings.alert) does not come any more: alerts may not reach the bot",
                blocks: [
                    .text(
                        "It must come at least every \(DurationText.human(within)). \(last) Look at Prometheus, at "
                            + "Alertmanager and its route to the bot.")
                ]), subject: WatchdogService.subject,
            with: change("watchdog.missing", .saveNote(WatchdogService.note, .int(now.microseconds)), seen, now))
    }

    private func tellReturn(_ now: Date) async throws(LedgerError) {
        logger.notice("the watchdog alert comes again", metadata: ["alert": "\(sightings.alert)"])
        try await announcer.announce(
            Report(mood: .success, title: "The alert \(sightings.alert) comes again: alerts reach the bot", blocks: []),
            subject: WatchdogService.subject,
            with: change("watchdog.back", .saveNote(WatchdogService.note, .null), sightings.lastSeen, now))
    }

    private func change(_ kind: String, _ write: LedgerWrite, _ seen: Date?, _ now: Date) -> LedgerChange {
        LedgerChange(
            [write],
            audit: [
                AuditEntry(
                    time: now, actor: "defimon", kind: kind, subject: "alert/\(sightings.alert)",
                    detail: ["last_seen": seen.map { .string($0.rfc3339) } ?? .null])
            ])
    }

    /// Seconds since the alert came last, or since the bot began to listen when it never did.
    package var readings: [MetricReading] {
        guard let since = sightings.lastSeen ?? startedAt.withLock({ $0 }) else { return [] }
        return [
            MetricReading(
                "defimon_watchdog_age_seconds", "Time since the alert that must keep coming came last.",
                time.now.since(since).secondsValue)
        ]
    }
}
