package import Domain
import Foundation

extension HetznerClient {
    /// Between two looks at actions, from the first to the longest.
    static let pauses: (first: Duration, longest: Duration) = (.milliseconds(500), .seconds(5))
    /// Looks in a row at an action that is not shown, or without an answer.
    static let mostMisses = 12
    /// Actions of one look.
    static let mostAtOnce = 50

    /// Looks at actions by their ids, all at once; those that Hetzner does not know any more are left out. Throws
    /// `HetznerFailure` or `CancellationError`.
    package func look(_ ids: [Int]) async throws -> [HetznerOperation] {
        var found: [HetznerOperation] = []
        for start in stride(from: 0, to: ids.count, by: HetznerClient.mostAtOnce) {
            let some = ids[start...].prefix(HetznerClient.mostAtOnce)
            let call = HetznerCall("GET", "actions", query: some.map { .init("id", String($0)) })
            found += HetznerOperation.all(in: try await find(call) ?? [:])
        }
        return found
    }

    /// Waits until actions are over, longer and longer between two looks, also over a moment in which Hetzner does not
    /// answer. Throws `HetznerFailure` when one of them failed, or `CancellationError`.
    package func finish(
        _ operations: [HetznerOperation], time: any TimeSource, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws {
        var open = operations
        var pause = HetznerClient.pauses.first
        var misses = 0
        while true {
            if let failure = open.compactMap(\.failure).first { throw failure }
            open.removeAll { $0.isDone }
            guard let least = open.map(\.progress).min() else { return }
            progress(least)
            try await time.sleep(for: pause)
            pause = min(pause * 3 / 2, HetznerClient.pauses.longest)
            do {
                let found = try await look(open.map(\.id))
                let isComplete = found.count == open.count
                misses = isComplete ? 0 : misses + 1
                guard misses < HetznerClient.mostMisses else { throw HetznerFailure.forgotten }
                open = open.map { old in found.first { $0.id == old.id } ?? old }
            } catch let failure as HetznerFailure
                where failure.isTransient && failure.status != nil || failure.isUnreachable
            {
                misses += 1
                guard misses < HetznerClient.mostMisses else { throw failure }
                pause = max(pause, min(failure.retryAfter ?? .zero, .seconds(60)))
            }
        }
    }
}

extension HetznerFailure {
    /// There was no answer.
    var isUnreachable: Bool { status == nil && code == nil && isTransient }

    static var forgotten: HetznerFailure {
        var failure = HetznerFailure("Hetzner does not know its action any more")
        failure.mayHaveTakenEffect = true
        return failure
    }
}
