import Domain
import Foundation
import Synchronization

/// Writes refusals into the audit: each one, until a source or a person has had ten for one reason within a minute; from
/// then on the rest of that minute becomes one record with a count.
final class RefusalLog: Sendable {
    static let each = 10
    /// Refusals that wait to be written; more are counted only.
    static let longestQueue = 1000

    /// What is counted together.
    struct Key: Hashable {
        var actor: String
        /// The audit's kind of record: `delivery.refused`.
        var kind: String
        var subject: String
        var reason: String
    }

    fileprivate struct Count {
        var seen = 0
        /// Those that have a record of their own.
        var written = 0
    }

    fileprivate struct State {
        var minute: Int64 = 0
        var counts: [Key: Count] = [:]
        var waiting: [AuditEntry] = []
        var folded = 0
    }

    private let state = Mutex(State())
    private let time: any TimeSource
    private let signal = Signal()

    init(time: any TimeSource) { self.time = time }

    /// Refusals since the start that have no record of their own.
    var folded: Int { state.withLock { $0.folded } }

    /// Returns at once.
    func note(_ refusal: Refusal, source: Source, remoteAddress: String) {
        let now = time.now
        state.withLock { state in
            state.turn(to: now)
            let key = Key(
                actor: source.rawValue, kind: "delivery.refused", subject: "source/\(source)",
                reason: refusal.reason.rawValue)
            state.counts[key, default: Count()].seen += 1
            guard state.counts[key, default: Count()].written < RefusalLog.each,
                state.waiting.count < RefusalLog.longestQueue
            else {
                state.folded += 1
                return
            }
            state.counts[key, default: Count()].written += 1
            state.waiting.append(
                AuditEntry(
                    time: now, actor: source.rawValue, kind: "delivery.refused", subject: "source/\(source)",
                    detail: [
                        "reason": .string(refusal.reason.rawValue), "message": .string(refusal.message),
                        "from": .string(remoteAddress),
                    ]))
        }
        signal.fire()
    }

    /// Whether this refusal has a record of its own, which the caller writes with what else it writes; if not it is
    /// counted. There are as many keys as the caller knows people and reasons.
    func admits(_ key: Key) -> Bool {
        let now = time.now
        return state.withLock { state in
            state.turn(to: now)
            var count = state.counts[key] ?? Count()
            defer { state.counts[key] = count }
            count.seen += 1
            guard count.written < RefusalLog.each else {
                state.folded += 1
                return false
            }
            count.written += 1
            return true
        }
    }

    /// Writes what waits; once a minute, and at the end, also the counts.
    func run(_ writer: PatientWriter) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await self.time.sleep(for: .seconds(60)) } catch { return }
                    let now = self.time.now
                    self.state.withLock { $0.turn(to: now) }
                    self.signal.fire()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.signal.wait()
                    await self.flush(writer)
                }
            }
        }
        state.withLock { $0.closeMinute(time.now) }
        await flush(writer)
    }

    private func flush(_ writer: PatientWriter) async {
        let entries = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        guard !entries.isEmpty else { return }
        do { try await writer.commit(LedgerChange(audit: entries)) } catch {
            // The ledger closes; what is lost is the record of a refusal at the very end.
        }
    }
}

extension RefusalLog.State {
    /// Closes the minute before, when a new one has begun.
    fileprivate mutating func turn(to now: Date) {
        let current = Int64((now.timeIntervalSince1970 / 60).rounded(.down))
        guard current != minute else { return }
        closeMinute(now)
        minute = current
    }

    /// What has no record of its own becomes one record for its source and reason. While the ledger takes nothing, the
    /// count goes on over the minutes.
    fileprivate mutating func closeMinute(_ now: Date) {
        var kept: [RefusalLog.Key: RefusalLog.Count] = [:]
        for (key, count) in counts where count.seen > count.written {
            guard waiting.count < 2 * RefusalLog.longestQueue else {
                kept[key] = RefusalLog.Count(seen: count.seen - count.written)
                continue
            }
            waiting.append(
                AuditEntry(
                    time: now, actor: key.actor, kind: key.kind, subject: key.subject,
                    detail: [
                        "reason": .string(key.reason), "more": .int(Int64(count.seen - count.written)),
                        "minute": .string(Date(timeIntervalSince1970: Double(minute) * 60).rfc3339),
                    ]))
        }
        counts = kept
    }
}
