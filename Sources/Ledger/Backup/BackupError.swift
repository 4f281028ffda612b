import Foundation
import GRDB

/// Why a backup or a restore did not come about, for the person who asked for it.
package struct BackupError: Error, Sendable, Hashable, CustomStringConvertible {
    package var path: String
    package var reason: String

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, _ error: any Error) {
        if let error = error as? BackupError {
            self = error
        } else if let error = error as? LedgerOpenError {
            self.init(path: error.path, reason: error.reason)
        } else {
            self.init(path: path, reason: SQLiteFailure(error).description)
        }
    }

    /// What the operating system says of the last call.
    static func system(_ path: String, _ what: String) -> BackupError {
        BackupError(path: path, reason: "cannot \(what) it: \(String(cString: strerror(errno)))")
    }

    package var description: String { "\(path): \(reason)" }
}
