import Domain
import Foundation
import Synchronization

/// Which pools people have in maintenance, as all parts of the engine see it at once. The ledger's notes are what
/// outlives a restart.
final class MaintenanceTable: Sendable {
    private let entries = Mutex<[String: Maintenance]>([:])

    /// Those that are not over, by pool.
    func all(_ now: Date) -> [Maintenance] {
        entries.withLock { $0.values.filter { $0.until > now }.sorted { $0.pool < $1.pool } }
    }

    /// The one of these pools that ends last.
    func last(of pools: Set<String>, _ now: Date) -> Maintenance? {
        all(now).filter { pools.contains($0.pool) }.max { $0.until < $1.until }
    }

    func set(_ entry: Maintenance) { entries.withLock { $0[entry.pool] = entry } }
    func remove(_ pool: String) { entries.withLock { $0[pool] = nil } }
}
