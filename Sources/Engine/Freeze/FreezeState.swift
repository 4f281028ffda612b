import Domain
import Synchronization

/// What is frozen, as every part of the engine sees it at once. The ledger's notes are what outlives a restart.
final class FreezeState: Sendable {
    private struct State {
        var whole: Freeze?
        var pools: [String: Freeze] = [:]
    }

    private let state = Mutex(State())

    /// The whole bot's.
    var value: Freeze? { state.withLock { $0.whole } }

    /// The whole bot's, then those of pools by their names.
    var all: [Freeze] {
        state.withLock { state in
            [state.whole].compactMap { $0 } + state.pools.values.sorted { $0.pool ?? "" < $1.pool ?? "" }
        }
    }

    func freeze(of pool: String?) -> Freeze? {
        state.withLock { state in pool.map { state.pools[$0] } ?? state.whole }
    }

    func set(_ freeze: Freeze?, of pool: String?) {
        state.withLock { state in
            if let pool { state.pools[pool] = freeze } else { state.whole = freeze }
        }
    }

    /// The first that keeps a job about these pools from changing anything.
    func freeze(on pools: Set<String>, isUpkeep: Bool) -> Freeze? {
        all.first { freeze in
            (freeze.pool.map(pools.contains) ?? true) && (freeze.stopsUpkeep || !isUpkeep)
        }
    }

    /// What is said with every answer meanwhile.
    var notice: String? {
        let lines = all.map { freeze in
            "\(freeze.pool == nil ? "The bot is " : "The pool ")\(freeze.words). Nothing that changes anything "
                + "\(freeze.pool == nil ? "starts" : "there starts") before /defimon thaw\(freeze.pool.map { " \($0)" } ?? "")."
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// A report that says so too.
    func noticed(_ report: Report) -> Report {
        guard let notice, !report.blocks.contains(.text(notice)) else { return report }
        var report = report
        report.blocks.append(.text(notice))
        return report
    }
}
