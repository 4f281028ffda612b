import Domain
import Foundation

/// Knows the latest episode of every alert that was looked at, and says what a delivery of an alert means for it.
actor AlertDesk {
    enum Phase: String {
        case firing, resolved
        /// A firing that arrives after its episode was closed.
        case late
        /// A resolve of an episode before the latest one.
        case lateResolve = "late-resolve"
    }

    struct Verdict {
        var episode: Episode
        var phase: Phase
        /// The episode as it is to be stored, when it changed.
        var changed: Episode?
        /// The episode before, when it is over because the alert was not seen for too long.
        var closed: Episode? = nil
        /// Why no rule is asked, when none is.
        var startsNothing: String?
        /// Whether people are told that nothing is started.
        var isTold = false
    }

    /// Alerts kept in memory between the ledger's reads.
    static let remembered = 10_000

    private let reader: any LedgerReader
    /// Not seen for that long, an open episode is over.
    private let staleAfter: Duration
    private var episodes: [String: Episode] = [:]

    init(reader: any LedgerReader, staleAfter: Duration) {
        self.reader = reader
        self.staleAfter = staleAfter
    }

    /// `restoredAt`: when the ledger was last put back from a backup. What was done about an alert that began before is
    /// not known, so nothing is started for it. `isLate`: whether a firing of a closed episode comes too late; nil: its
    /// start tells.
    func look(
        at alert: AlertState, subject: String, now: Date, restoredAt: Date? = nil, isLate: Bool? = nil
    ) async throws(LedgerError) -> Verdict {
        let known = try await latest(alert.fingerprint)
        var verdict =
            alert.isFiring
            ? firing(alert, known, subject, now, isLate: isLate) : resolved(alert, known, subject, now)
        if verdict.phase == .firing, let restoredAt, verdict.episode.startedAt < restoredAt {
            verdict.startsNothing = "it began before the ledger was restored from a backup"
            verdict.isTold = true
        }
        if let changed = verdict.changed { episodes[alert.fingerprint] = changed }
        return verdict
    }

    /// Whether there is an open episode.
    func knowsOpen(_ fingerprint: String) async throws(LedgerError) -> Bool {
        guard let episode = try await latest(fingerprint) else { return false }
        return episode.resolvedAt == nil
    }

    private func latest(_ fingerprint: String) async throws(LedgerError) -> Episode? {
        if let remembered = episodes[fingerprint] { return remembered }
        return try await reader.episode(fingerprint: fingerprint)
    }

    /// The batch is in the ledger: memory may be given back.
    func committed() {
        if episodes.count > AlertDesk.remembered { episodes = [:] }
    }

    /// Nothing that was looked at since the last commit is in the ledger.
    func forget() { episodes = [:] }

    /// A firing begins an episode, goes on with one, or is late. When its start moved, it is still the same episode.
    private func firing(
        _ alert: AlertState, _ known: Episode?, _ subject: String, _ now: Date, isLate: Bool?
    ) -> Verdict {
        var closed: Episode?
        if var episode = known {
            if let resolvedAt = episode.resolvedAt {
                if isLate ?? (alert.startsAt < resolvedAt) {
                    return Verdict(
                        episode: episode, phase: .late, changed: nil,
                        startsNothing: alert.group == nil
                            ? "it began before this alert's last resolve and arrived after it"
                            : "its alerts began before their last resolve, and it arrived after that")
                }
            } else if now.since(episode.lastSeenAt) < staleAfter {
                episode.lastSeenAt = now
                return Verdict(episode: episode, phase: .firing, changed: episode, startsNothing: nil)
            } else {
                episode.resolvedAt = episode.lastSeenAt.advanced(by: staleAfter)
                closed = episode
            }
        }
        let episode = Episode(
            fingerprint: alert.fingerprint, number: (known?.number ?? 0) + 1, startedAt: alert.startsAt,
            resolvedAt: nil, lastSeenAt: now, subject: subject)
        return Verdict(episode: episode, phase: .firing, changed: episode, closed: closed, startsNothing: nil)
    }

    private func resolved(_ alert: AlertState, _ known: Episode?, _ subject: String, _ now: Date) -> Verdict {
        guard var episode = known else {
            let episode = Episode(
                fingerprint: alert.fingerprint, number: 1, startedAt: alert.startsAt,
                resolvedAt: alert.endsAt ?? now, lastSeenAt: now, subject: subject)
            return Verdict(episode: episode, phase: .resolved, changed: episode, startsNothing: nil)
        }
        if episode.resolvedAt == nil {
            // Of two Alertmanagers the slower one may tell of the end when the faster one has told of a new beginning.
            if let endsAt = alert.endsAt, endsAt < episode.startedAt {
                return Verdict(
                    episode: episode, phase: .lateResolve, changed: nil,
                    startsNothing: "it ended before this alert began to fire again")
            }
            episode.resolvedAt = alert.endsAt ?? now
            episode.lastSeenAt = now
            return Verdict(episode: episode, phase: .resolved, changed: episode, startsNothing: nil)
        }
        return Verdict(episode: episode, phase: .resolved, changed: nil, startsNothing: nil)
    }
}
