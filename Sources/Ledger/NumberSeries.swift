package import Domain
import GRDB
import Synchronization

/// Numbers that changes need before they are written: from the file at the start, counted in memory from then on.
final class NumberSeries: Sendable {
    private let job: Atomic<Int64>
    private let event: Atomic<Int64>
    private let fencing: Atomic<Int64>

    init(_ db: Database) throws {
        func last(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
        job = Atomic(try last("SELECT max(id) FROM jobs"))
        event = Atomic(try last("SELECT max(id) FROM events"))
        fencing = Atomic(try last("SELECT value FROM meta WHERE name = 'fencing'"))
    }

    func nextJob() -> JobID { job.add(1, ordering: .relaxed).newValue }
    func nextEvent() -> Int64 { event.add(1, ordering: .relaxed).newValue }
    func nextFencing() -> Int64 { fencing.add(1, ordering: .relaxed).newValue }
}

extension SQLiteLedger: LedgerNumbers {
    package func nextJobID() -> JobID { numbers.nextJob() }
    package func nextEventID() -> Int64 { numbers.nextEvent() }
    package func nextFencing() -> Int64 { numbers.nextFencing() }
}
