package import Foundation

/// Reads what was recorded in the order in which it came, a page at a time. Called by a backtest, also while a bot
/// writes; each call reads by itself, so that none holds up the ledger's checkpoints.
package protocol LedgerPast: LedgerReader {
    /// The number of the first delivery that was received then or later; nil when there is none. Deliveries are numbered
    /// in the order of their arrival but for clock steps.
    func firstDelivery(since: Date) async throws(LedgerError) -> Int64?
    /// The numbers of a source's deliveries after this one, in their order, and at most `limit`.
    func deliveryNumbers(of source: Source, after number: Int64, limit: Int) async throws(LedgerError) -> [Int64]
    /// The number of the first job that was asked for then or later; nil when there is none.
    func firstJob(since: Date) async throws(LedgerError) -> JobID?
    /// Jobs with greater numbers, in their order, and at most `limit`.
    func jobs(after number: JobID, limit: Int) async throws(LedgerError) -> [Job]
    /// As `lastAutomaticEnd`, of those jobs that ended before then.
    func lastAutomaticEnd(command: String, guardKey: String, before: Date) async throws(LedgerError) -> Date?
}
