import GRDB

/// Why a ledger could not be opened, for the person who starts the bot or asks for a listing.
package struct LedgerOpenError: Error, Sendable, Hashable, CustomStringConvertible {
    package var path: String
    package var reason: String

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, _ error: any Error) {
        self.init(path: path, reason: SQLiteFailure(error).description)
    }

    package var description: String { "the ledger \(path) cannot be opened: \(reason)" }
}
