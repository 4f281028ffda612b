package import Domain
import Foundation
package import Logging
import ServiceLifecycle

/// Warns people before tokens and certificates end: two weeks before, three days before, and when they have ended; once
/// each. What was told is in the ledger, so that a restart neither repeats nor forgets.
package struct ExpiryService: Service {
    /// How often it looks: the end of some tokens is known only once they were used.
    static let pause = Duration.seconds(3600)
    static let note = "watch/expiry"
    /// How long after an end it is remembered that people were told.
    static let remembers = Duration.seconds(90 * 86_400)
    /// How long before the end people are told, the last warning first.
    static let warnings: [Duration] = [.zero, .seconds(3 * 86_400), .seconds(14 * 86_400)]

    private let sources: [any ExpirySource]
    private let reader: any LedgerReader
    private let writer: any LedgerWriter
    private let announcer: any TeamAnnouncer
    private let time: any TimeSource
    private let logger: Logger

    package init(
        sources: [any ExpirySource], reader: any LedgerReader, writer: any LedgerWriter,
        announcer: any TeamAnnouncer, time: any TimeSource, logger: Logger
    ) {
        self.sources = sources
        self.reader = reader
        self.writer = writer
        self.announcer = announcer
        self.time = time
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await look() } catch LedgerError.closed { return } catch {
                    logger.error("credentials' ends cannot be looked at", metadata: ["error": "\(error)"])
                }
                do { try await time.sleep(for: ExpiryService.pause) } catch { return }
            }
        }
    }

    /// All ends that are known, by name.
    private func expiries() async -> [Expiry] {
        var found: [Expiry] = []
        for source in sources { found += await source.expiries() }
        return found.sorted { $0.name < $1.name }
    }

    private func look() async throws(LedgerError) {
        let now = time.now
        var written = try await reader.note(ExpiryService.note)?.objectValue ?? [:]
        let expiries = await expiries()
        let names = Set(expiries.map(\.name))
        // Some ends are not known right after a restart: what was told of them stays, until it is long past.
        var told = written.filter { name, mark in
            guard case .int(let end)? = mark["ends"] else { return false }
            return names.contains(name) || now.since(Date(microseconds: end)) < ExpiryService.remembers
        }
        for expiry in expiries {
            let mark = told[expiry.name]
            // A credential with another end is another credential.
            let before = mark?["ends"] == .int(expiry.endsAt.microseconds) ? mark?["warning"]?.intValue : nil
            guard let warning = ExpiryService.warning(expiry, now) else {
                told[expiry.name] = nil
                continue
            }
            if let before, before <= warning { continue }
            told[expiry.name] = ["ends": .int(expiry.endsAt.microseconds), "warning": .int(Int64(warning))]
            try await tell(expiry, noting: .object(told), now)
            written = told
        }
        if told != written {
            try await writer.commit(LedgerChange([.saveNote(ExpiryService.note, told.isEmpty ? .null : .object(told))]))
        }
    }

    /// The place in `warnings` of the one that is due, nil when none is. One that lives no longer than the warning's time
    /// is renewed by whoever makes it, and is told about only when that did not happen.
    private static func warning(_ expiry: Expiry, _ now: Date) -> Int? {
        let left = expiry.endsAt.since(now)
        let life = expiry.beganAt.map { expiry.endsAt.since($0) }
        return warnings.indices.first { index in
            left <= warnings[index] && life.map { $0 > warnings[index] * 2 || warnings[index] == .zero } ?? true
        }
    }

    private func tell(_ expiry: Expiry, noting note: JSONValue, _ now: Date) async throws(LedgerError) {
        let left = expiry.endsAt.since(now)
        let end = PersonTime.text(expiry.endsAt)
        let hasEnded = left <= .zero
        logger.warning("a credential ends", metadata: ["name": "\(expiry.name)", "ends": "\(end)"])
        try await announcer.announce(
            Report(
                mood: hasEnded ? .failure : .warning,
                title: hasEnded
                    ? "\(expiry.name) has ended"
                    : "\(expiry.name) ends in \(DurationText.human(.seconds(left.components.seconds)))",
                blocks: [
                    .text(
                        "\(hasEnded ? "It ended" : "It ends") at \(end). Renew it where it is set, then defimon reload."
                    )
                ]), subject: "expiry/\(expiry.name)",
            with: LedgerChange(
                [.saveNote(ExpiryService.note, note)],
                audit: [
                    AuditEntry(
                        time: now, actor: "defimon", kind: hasEnded ? "credential.ended" : "credential.ends",
                        subject: "credential/\(expiry.name)", detail: ["ends": .string(expiry.endsAt.rfc3339)])
                ]))
    }

    /// Seconds until each one ends; negative when it has.
    package func readings() async -> [MetricReading] {
        let now = time.now
        return await expiries().map {
            MetricReading(
                "defimon_credential_expiry_seconds", "Time until a token or a certificate ends, by name.",
                labels: ["name": $0.name], $0.endsAt.since(now).secondsValue)
        }
    }
}
