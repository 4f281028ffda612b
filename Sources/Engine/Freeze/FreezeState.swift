import Domain
import Synchronization

/// Whether the bot is frozen, as every part of the engine sees it at once. The ledger's note is what outlives a restart.
final class FreezeState: Sendable {
    private let freeze = Mutex<Freeze?>(nil)

    var value: Freeze? { freeze.withLock { $0 } }

    func set(_ value: Freeze?) { freeze.withLock { $0 = value } }

    /// What is said with every answer meanwhile.
    var notice: String? {
        value.map { "The bot is \($0.words). Nothing that changes anything starts before /defimon thaw." }
    }

    /// A report that says so too.
    func noticed(_ report: Report) -> Report {
        guard let notice, !report.blocks.contains(.text(notice)) else { return report }
        var report = report
        report.blocks.append(.text(notice))
        return report
    }
}
