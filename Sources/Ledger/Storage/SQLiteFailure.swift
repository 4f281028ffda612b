import Foundation
import GRDB

/// An error of SQLite in words for people, without values of rows.
struct SQLiteFailure: CustomStringConvertible {
    let description: String
    /// True when the change itself is at fault, and others in the same transaction are not.
    let isRefusal: Bool

    /// `folderError` is why no file can be made beside the ledger, as `errno`; 0 when one can, or nobody looked.
    init(_ error: any Error, folderError: @autoclosure () -> Int32 = 0) {
        guard let error = error as? DatabaseError else {
            description = (error as? DamagedRow).map { "\($0.row): \($0.what)" } ?? "\(type(of: error))"
            isRefusal = false
            return
        }
        let text = "SQLite \(error.extendedResultCode.rawValue), \(error.message ?? "no message")"
        switch error.resultCode {
        case .SQLITE_FULL: description = "no space left: free some on its file system (\(text))"
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            description = "it is read-only: look at the file's owner and mode and at the mount (\(text))"
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            description = "another process holds its write lock: end that process (\(text))"
        case .SQLITE_IOERR where folderError() == EROFS:
            description = "its file system is read-only: look at the mount and at the kernel's log (\(text))"
        case .SQLITE_IOERR: description = "the file system reports an error: look at the kernel's log (\(text))"
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: description = "it is damaged: \(LedgerOpening.howToRestore) (\(text))"
        case .SQLITE_CANTOPEN: description = "the file or its folder cannot be opened (\(text))"
        default: description = text
        }
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_IOERR,
            .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_MISUSE,
            .SQLITE_PROTOCOL, .SQLITE_ABORT:
            isRefusal = false
        default: isRefusal = true
        }
    }
}
