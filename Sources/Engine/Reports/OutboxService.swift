import Domain
import Foundation
import Logging
import Synchronization

/// Delivers reports: at least once, in order per place, with backoff, until they are delivered or given up.
struct OutboxService: Sendable {
    /// Reports looked at in one go.
    static let batch = 1000
    /// How long a report that is under way when the bot stops may take.
    static let lastWait = Duration.seconds(5)

    var reader: any LedgerReader
    var writer: PatientWriter
    var outlets: [String: any Outlet]
    var time: any TimeSource
    var signal: Signal
    var logger: Logger
    /// Where it is said that a report did not reach its place.
    var defaultPlaces: @Sendable () -> [Place] = { [] }

    /// Runs until the bot stops. What is being delivered then is finished, and what is due goes out once more. Each place
    /// is served by itself: one that is slow holds up no other.
    func run(until stop: StopSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await serve(until: stop) }
            group.addTask {
                guard await stop.wait() != nil else { return }
                try? await time.sleep(for: OutboxService.lastWait)  // cancelled: all are out
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func serve(until stop: StopSignal) async {
        let busy = BusyPlaces()
        await withTaskGroup(of: Void.self) { deliveries in
            while !Task.isCancelled, stop.reason == nil {
                do {
                    // What is read of a place that is being served may be out the moment after.
                    let served = busy.served
                    let due = try await reader.dueOutbox(now: time.now, limit: OutboxService.batch)
                    let now = time.now
                    let free = Dictionary(grouping: due, by: \.place).filter {
                        !served.contains($0.key) && busy.take($0.key, now)
                    }
                    for (place, messages) in free {
                        deliveries.addTask {
                            busy.give(place, restUntil: await deliver(inOrder: messages))
                            signal.fire()
                        }
                    }
                    guard free.isEmpty else { continue }
                    // Where all that is due is under way already, its end is news.
                    let next = due.isEmpty ? try await reader.nextOutboxDue() : busy.nextEnd(after: now)
                    await waitForWork(next ?? (due.isEmpty ? nil : now.advanced(by: .seconds(1))), stop)
                } catch {
                    logger.error("the outbox cannot be read, trying again", metadata: ["error": "\(error)"])
                    try? await time.sleep(for: .seconds(1))  // cancelled: the loop ends
                }
            }
        }
    }

    /// Delivers what is due now, and then what becomes due within `patience`.
    func deliverWhatIsDue(within patience: Duration) async {
        let end = time.now.advanced(by: patience)
        while !Task.isCancelled {
            // What cannot be read now is delivered after the next start.
            guard let due = try? await reader.dueOutbox(now: time.now, limit: OutboxService.batch) else { return }
            await deliver(due)
            guard let next = try? await reader.nextOutboxDue(), next < end else { return }
            try? await time.sleep(for: max(next.since(time.now), .milliseconds(20)))  // cancelled: the loop ends
        }
    }

    private func waitForWork(_ due: Date?, _ stop: StopSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.addTask { _ = await stop.wait() }
            if let due {
                // At least a little, so that a report that never becomes due cannot spin.
                let wait = max(due.since(time.now), .milliseconds(20))
                group.addTask { try? await time.sleep(for: wait) }  // cancelled: new work came first
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func deliver(_ due: [OutboxMessage]) async {
        await withTaskGroup(of: Void.self) { group in
            for messages in Dictionary(grouping: due, by: \.place).values {
                group.addTask { await deliver(inOrder: messages) }
            }
        }
    }

    /// In the ledger's order, in which the newest form of a message has the place of its first. Returns until when the
    /// place is to be left alone, nil when it took all.
    @discardableResult
    private func deliver(inOrder messages: [OutboxMessage]) async -> Date? {
        for message in messages {
            guard !Task.isCancelled else { return nil }
            if let rest = await deliver(message) { return rest }
        }
        return nil
    }

    /// Returns nil when the next report of the same place may go, else when.
    private func deliver(_ message: OutboxMessage) async -> Date? {
        var message = message
        guard let outlet = outlets[message.place.channel] else {
            message.attempts += 1
            return await giveUp(message, "the channel '\(message.place.channel)' is not set up")
        }
        do {
            if let reason = try await exhaustion(of: message.place, outlet) {
                return await giveUp(message, reason, isExpected: true)
            }
            message.attempts += 1
            let existing =
                message.slot == .single
                ? nil : try await reader.messageReference(place: message.place, subject: message.subject)
            var thread = message.slot == .thread ? existing : nil
            if let head = message.threadOf {
                thread = try await reader.messageReference(place: message.place, subject: head) ?? thread
            }
            let reference = try await outlet.deliver(
                message, existing: message.slot == .main ? existing : nil, thread: thread)
            message.state = .delivered
            message.lastError = nil
            return await save(message, reference: message.slot == .main ? reference : nil)
        } catch let error as OutletError {
            switch error.kind {
            case .later(let after): return await later(message, error.message, after)
            case .never: return await giveUp(message, error.message)
            case .messageGone: return await deliverAnew(message, outlet)
            }
        } catch {
            return await later(message, "\(error)", nil)
        }
    }

    /// Why a private place takes nothing more; nil when it does. The ledger counts, so a restart forgets nothing.
    private func exhaustion(of place: Place, _ outlet: any Outlet) async throws(LedgerError) -> String? {
        guard place.isPrivate else { return nil }
        if let end = place.usableUntil, time.now > end { return "its time is over" }
        guard let limit = outlet.messagesPerPrivatePlace else { return nil }
        return try await reader.deliveredCount(privatePlace: place) < limit ? nil : "it has taken all \(limit) messages"
    }

    /// The message to edit, or its thread, is gone: a new one takes its place, and later edits are of that one.
    private func deliverAnew(_ gone: OutboxMessage, _ outlet: any Outlet) async -> Date? {
        var message = gone
        do {
            let reference = try await outlet.deliver(message, existing: nil, thread: nil)
            message.state = .delivered
            message.lastError = nil
            return await save(message, reference: message.slot == .main ? reference : nil)
        } catch {
            switch error.kind {
            case .later(let after): return await later(message, error.message, after)
            case .never, .messageGone: return await giveUp(message, error.message)
            }
        }
    }

    private func later(_ message: OutboxMessage, _ error: String, _ after: Duration?) async -> Date? {
        guard time.now < message.giveUpAt else { return await giveUp(message, error) }
        var message = message
        let backoff = RetryPolicy(attempts: .max, backoff: .seconds(1), maxBackoff: .seconds(60))
            .wait(afterAttempt: message.attempts, random: 0.5)
        // However long the channel wants to be left alone: there is a last try.
        message.notBefore = min(time.now.advanced(by: after ?? backoff), message.giveUpAt)
        message.lastError = error
        _ = await save(message, reference: nil)
        return message.notBefore
    }

    /// The next place gets it, or it is said elsewhere. `isExpected`: nothing is wrong with the place.
    private func giveUp(_ message: OutboxMessage, _ error: String, isExpected: Bool = false) async -> Date? {
        var message = message
        message.state = .failed
        message.lastError = error
        logger.log(
            level: isExpected ? .info : .error, "a report was not delivered",
            metadata: ["place": "\(message.place)", "subject": "\(message.subject)", "error": "\(error)"])
        var change = LedgerChange(
            [.saveOutbox(message, reference: nil)], audit: [audit(message, "report.failed", error)])
        do {
            if let next = message.fallbacks.first {
                if try await isWorthTelling(message, in: next) {
                    change.writes.append(
                        .enqueue(
                            OutboxMessage(
                                place: next, subject: message.subject, slot: next.isPrivate ? .single : message.slot,
                                report: message.report, createdAt: time.now,
                                fallbacks: Array(message.fallbacks.dropFirst()))))
                }
            } else {
                change.writes += undelivered(message, error)
            }
            try await writer.commit(change)
        } catch { return unwritten }
        return nil
    }

    /// A private place takes few messages: of what is only on its way, one.
    private func isWorthTelling(_ message: OutboxMessage, in next: Place) async throws(LedgerError) -> Bool {
        guard next.isPrivate, message.slot == .main, message.report.isOnItsWay else { return true }
        return try await !reader.outbox(subject: message.subject).contains { $0.place == next }
    }

    /// Says elsewhere what nobody could be told; what is only on its way is not worth it. Of a private answer only the
    /// title is said.
    private func undelivered(_ message: OutboxMessage, _ error: String) -> [LedgerWrite] {
        let mark = "undelivered/"
        guard message.slot != .thread, !message.subject.hasPrefix(mark), !message.report.isOnItsWay else { return [] }
        var report = message.report
        // Whatever it said, that it did not arrive is no good news.
        if report.mood != .failure { report.mood = .warning }
        report.title = "Not delivered to \(message.place): \(report.title)"
        if message.place.isPrivate { report.blocks = [] }
        report.blocks.insert(.fields([.init("Why it was not", error)]), at: 0)
        let mail = outlets["email"].map { Place(channel: $0.channel, address: "admin") }
        var places = defaultPlaces().filter { $0 != message.place }
        if places.isEmpty, let mail, mail != message.place { places = [mail] }
        return places.map { place in
            .enqueue(
                OutboxMessage(
                    place: place, subject: "\(mark)\(message.place)/\(message.subject)", slot: .main, report: report,
                    createdAt: time.now,
                    fallbacks: [mail].compactMap { $0 }.filter { $0 != place && $0 != message.place }))
        }
    }

    private func save(_ message: OutboxMessage, reference: String?) async -> Date? {
        var change = LedgerChange([.saveOutbox(message, reference: reference)])
        if message.state == .delivered { change.audit = [audit(message, "report.delivered", nil)] }
        do { try await writer.commit(change) } catch {
            logger.warning("a delivered report is not recorded", metadata: ["error": "\(error)"])
            return unwritten
        }
        return nil
    }

    /// After a write that failed: not at once again.
    private var unwritten: Date { time.now.advanced(by: .seconds(1)) }

    private func audit(_ message: OutboxMessage, _ kind: String, _ error: String?) -> AuditEntry {
        var detail: [String: JSONValue] = [
            "place": .string(message.place.description), "slot": .string(message.slot.rawValue),
            "attempts": .int(Int64(message.attempts)),
        ]
        if let error { detail["error"] = .string(error) }
        return AuditEntry(
            time: time.now, actor: "defimon", kind: kind, subject: message.subject, detail: .object(detail))
    }
}

extension Report {
    /// Whether a later one about the same is to come.
    fileprivate var isOnItsWay: Bool { mood == .waiting || mood == .running }
}

/// The places that are served just now, and those that asked to be left alone.
private final class BusyPlaces: Sendable {
    private struct State {
        var served: Set<Place> = []
        var resting: [Place: Date] = [:]
    }

    private let state = Mutex(State())

    var served: Set<Place> { state.withLock { $0.served } }

    /// False when it is served already, or rests.
    func take(_ place: Place, _ now: Date) -> Bool {
        state.withLock { state in
            if let until = state.resting[place] {
                guard until <= now else { return false }
                state.resting[place] = nil
            }
            return state.served.insert(place).inserted
        }
    }

    func give(_ place: Place, restUntil: Date?) {
        state.withLock { state in
            state.served.remove(place)
            state.resting[place] = restUntil
        }
    }

    /// When the next place has rested. What has rested is forgotten.
    func nextEnd(after now: Date) -> Date? {
        state.withLock { state in
            state.resting = state.resting.filter { $0.value > now }
            return state.resting.values.min()
        }
    }
}
