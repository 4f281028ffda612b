package import Domain
import GRDB

/// A reader over an open file: the queries themselves, for the bot's ledger and for listings of a file alike.
package protocol LedgerQueries: LedgerPast {
    var file: LedgerFile { get }
}

extension SQLiteLedger: LedgerQueries {}

extension Database {
    /// All rows of a query that is prepared once per connection.
    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first row.
    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}
