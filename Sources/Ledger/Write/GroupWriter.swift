import Domain
import GRDB

/// Applies what waits, within one transaction.
struct GroupWriter {
    let db: Database
    var chain: AuditChain

    /// What a write came to; told to its caller after the commit.
    enum Outcome {
        case delivery(InboxReceipt)
        case change(Result<Void, LedgerError>)
        case upkeep(Int)
    }

    mutating func apply(_ write: PendingWrite) throws -> Outcome {
        switch write.work {
        case .delivery(let delivery, _): .delivery(try insert(delivery))
        case .change(let change, _): .change(try apply(change))
        case .upkeep(let upkeep, _): .upkeep(try apply(upkeep))
        }
    }

    /// A change that is refused is rolled back by itself. An error that is not the change's own fails the group.
    private mutating func apply(_ change: PreparedChange) throws -> Result<Void, LedgerError> {
        let before = chain
        try db.run("SAVEPOINT change")
        do {
            for write in change.writes { try apply(write) }
            for record in change.audit { try chain.append(record, to: db) }
            try db.run("RELEASE change")
            return .success(())
        } catch {
            guard let reason = GroupWriter.refusal(error) else { throw error }
            try db.run("ROLLBACK TO change")
            try db.run("RELEASE change")
            chain = before
            return .failure(.conflict(reason))
        }
    }

    private static func refusal(_ error: any Error) -> String? {
        if let error = error as? ChangeRefused { return error.reason }
        let failure = SQLiteFailure(error)
        return failure.isRefusal ? failure.description : nil
    }
}

/// A row is not what a change expected.
struct ChangeRefused: Error {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}

extension Database {
    /// Runs a statement that is prepared once per connection.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// Runs it and returns how many rows it changed.
    func change(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try run(sql, arguments)
        return changesCount
    }
}
