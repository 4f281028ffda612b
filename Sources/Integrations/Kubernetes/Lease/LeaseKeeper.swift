package import Domain
import Foundation
import Synchronization

/// Takes the Lease, keeps it, and gives it back: one for each process. Whoever writes asks `mayWrite` first; it turns to
/// no before another process may take the Lease, whatever hangs and however long this process slept.
package final class LeaseKeeper: Sendable {
    /// What the log is told.
    package enum News: Sendable, Hashable {
        case waits(String)
        case taken
        case renewalFails(String)
        case renewedAgain
        case lost(String)
        case released
        case notReleased(String)
    }

    private struct State {
        var claim: LeaseClaim
        /// Until when this process may write, by its monotonic clock; nil: not at all.
        var writesUntil: Duration?
        var stopsAt: Duration?
        /// Why it waits.
        var waitsFor: String?
        var lastError: String?
        /// Why it was lost.
        var loss: String?
    }

    package let settings: LeaseSettings
    package let identity: String
    private let board: any LeaseBoard
    private let time: any TimeSource
    /// By which calls are given up.
    private let callTime: any TimeSource
    private let monotonic: @Sendable () -> Duration
    private let onNews: @Sendable (News) -> Void
    private let state: Mutex<State>
    private let losses: (stream: AsyncStream<String>, continuation: AsyncStream<String>.Continuation)

    /// `clusters` should be used by nobody else, so that requests of jobs never stand before a renewal.
    package convenience init(
        _ settings: LeaseSettings, clusters: ClusterDirectory, identity: String, time: any TimeSource,
        onNews: @escaping @Sendable (News) -> Void
    ) {
        let start = ContinuousClock.now
        self.init(
            settings, board: ClusterLease(clusters: clusters, settings: settings), identity: identity, time: time,
            monotonic: { start.duration(to: .now) }, onNews: onNews)
    }

    init(
        _ settings: LeaseSettings, board: any LeaseBoard, identity: String, time: any TimeSource,
        callTime: (any TimeSource)? = nil, monotonic: @escaping @Sendable () -> Duration,
        onNews: @escaping @Sendable (News) -> Void = { _ in }
    ) {
        self.settings = settings
        self.board = board
        self.identity = identity
        self.time = time
        self.callTime = callTime ?? time
        self.monotonic = monotonic
        self.onNews = onNews
        state = Mutex(State(claim: LeaseClaim(identity: identity, settings: settings)))
        losses = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1))
    }

    /// Whether this process holds the Lease for certain. Asked before every write; it takes a look at a clock.
    package var mayWrite: Bool {
        let now = monotonic()
        return state.withLock { $0.writesUntil.map { now < $0 } ?? false }
    }

    /// Why it waits, for `/readyz`; nil when it does not.
    package var waitsFor: String? { state.withLock { $0.waitsFor } }

    /// Why the last renewal failed; nil when it did not.
    package var complaint: String? { state.withLock { $0.lastError } }

    /// Returns the reason once it is lost, nil when the task is cancelled. For one caller.
    package func lost() async -> String? {
        for await reason in losses.stream { return reason }
        return nil
    }

    // MARK: Taking

    /// Returns true when the Lease is ours. It looks `looks` times at most, as long as it takes when that is nil. Throws
    /// `CancellationError`.
    package func take(looks: Int? = nil) async throws -> Bool {
        var done = 0
        while true {
            let pause = try await takeOnce()
            guard let pause else { return true }
            done += 1
            if let looks, done >= looks { return false }
            try await time.sleep(for: pause)
        }
    }

    /// Nil when it is ours, else how long to wait before the next look.
    private func takeOnce() async throws -> Duration? {
        do {
            let found = try await within(settings.renewEvery) { try await self.board.read() }
            let now = monotonic()
            switch state.withLock({ $0.claim.next(found, now: now) }) {
            case .write(let old):
                try await write(over: old, within: settings.renewEvery)
                state.withLock { $0.waitsFor = nil }
                onNews(.taken)
                return nil
            case .wait(let holder, let left):
                waits("waits for the lease \(settings.place), held by \(holder)")
                return min(left, settings.tryEvery)
            case .lost:
                return settings.tryEvery  // not while it is not ours
            }
        } catch LeaseError.conflict {
            return settings.tryEvery
        } catch LeaseError.failed(let reason) {
            waits("the lease \(settings.place) cannot be read or taken: \(reason)")
            return settings.tryEvery
        }
    }

    private func waits(_ why: String) {
        let isNew = state.withLock { state in
            defer { state.waitsFor = why }
            return state.waitsFor != why
        }
        if isNew { onNews(.waits(why)) }
    }

    // MARK: Keeping

    /// Renews it until the task is cancelled or it is lost, which `lost()` is told.
    package func keep() async {
        do {
            try await time.sleep(for: settings.renewEvery)
            while true {
                if let reason = try await renewOnce() {
                    state.withLock { $0.loss = reason }
                    onNews(.lost(reason))
                    losses.continuation.yield(reason)
                    return
                }
                let fails = state.withLock { $0.lastError != nil }
                try await time.sleep(for: fails ? settings.tryEvery : settings.renewEvery)
            }
        } catch {
            return  // cancelled
        }
    }

    /// Nil, or why it is lost. Throws `CancellationError`.
    private func renewOnce() async throws -> String? {
        let (held, stopsAt) = state.withLock { ($0.claim.held, $0.stopsAt ?? .zero) }
        let left = stopsAt - monotonic()
        guard left > .zero else { return overdue }
        let limit = min(left, settings.renewEvery)
        do {
            do {
                try await write(over: held, within: limit)
            } catch LeaseError.conflict {
                let found = try await within(limit) { try await self.board.read() }
                let now = monotonic()
                switch state.withLock({ $0.claim.next(found, now: now) }) {
                case .write(let old): try await write(over: old, within: limit)
                case .wait(let holder, _), .lost(let holder):
                    // Another one writes already.
                    let reason = "the lease \(settings.place) was taken by \(holder)"
                    state.withLock { state in
                        state.writesUntil = nil
                        state.loss = reason
                    }
                    return reason
                }
            }
            let failed = state.withLock { state in
                defer { state.lastError = nil }
                return state.lastError != nil
            }
            if failed { onNews(.renewedAgain) }
            return nil
        } catch let error as LeaseError {
            let reason = if case .failed(let reason) = error { reason } else { "it is written by others all the time" }
            let isNew = state.withLock { state in
                defer { state.lastError = reason }
                return state.lastError == nil
            }
            if isNew { onNews(.renewalFails(reason)) }
            return monotonic() >= stopsAt ? overdue : nil
        }
    }

    /// Why this process may not write any more.
    package var loss: String { state.withLock { $0.loss } ?? overdue }

    private var overdue: String {
        let reason = state.withLock { $0.lastError }
        return "the lease \(settings.place) could not be renewed for \(settings.stopsAfter.secondsValue.formatted()) s"
            + (reason.map { ": \($0)" } ?? "")
    }

    // MARK: Giving back

    /// Gives the Lease back, so that the next process starts at once. Called when nothing is written any more and `keep`
    /// has ended; from its beginning on `mayWrite` says no. One that was lost is left alone: the API server does not
    /// answer, or it is another's.
    package func release() async {
        let held = state.withLock { state -> LeaseRecord? in
            defer { state.claim.end() }
            state.writesUntil = nil
            return state.loss == nil ? state.claim.held : nil
        }
        guard var old = held else { return }
        do {
            for _ in 0..<3 {
                var free = old
                free.holder = nil
                do {
                    let (new, over) = (free, old)
                    _ = try await within(settings.renewEvery) { try await self.board.write(new, over: over) }
                    onNews(.released)
                    return
                } catch LeaseError.conflict {
                    let found = try await within(settings.renewEvery) { try await self.board.read() }
                    guard let found, found.holder == identity else { return }
                    old = found
                }
            }
        } catch LeaseError.failed(let reason) {
            onNews(.notReleased(reason))
        } catch {
            onNews(.notReleased("\(error)"))
        }
    }

    // MARK: Writing

    private func write(over old: LeaseRecord?, within limit: Duration) async throws {
        let began = monotonic()
        let new = state.withLock { [wall = time.now] in $0.claim.record(over: old, wall: wall) }
        let written = try await within(limit) { try await self.board.write(new, over: old) }
        state.withLock { state in
            state.claim.wrote(written, began: began)
            state.writesUntil = began + settings.writesFor
            state.stopsAt = began + settings.stopsAfter
        }
    }

    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask { [callTime] in
                try await callTime.sleep(for: limit)
                return nil
            }
            guard let value = try await group.next() ?? nil else {
                throw LeaseError.failed("no answer within \(limit.secondsValue.formatted()) s")
            }
            return value
        }
    }
}
