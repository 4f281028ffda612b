import Domain
import Foundation
import GRDB

/// The open file, as readers see it.
package struct LedgerFile: Sendable {
    let path: String
    let reader: any DatabaseReader

    /// Runs a query on a connection of its own, off the cooperative pool. The caller's cancellation does not reach it:
    /// queries are short, and what ends a cancelled job has to be read too.
    func read<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerError) -> Value {
        let path = path
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            reader.asyncRead { access in
                let result = Result { try query(access.get()) }
                continuation.resume(returning: result.mapError { LedgerFile.failure($0, path: path) })
            }
        }
        return try result.get()
    }

    private static func failure(_ error: any Error, path: String) -> LedgerError {
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_MISUSE { return .closed }
        return .unavailable("the ledger \(path) cannot be read: \(SQLiteFailure(error))")
    }
}
