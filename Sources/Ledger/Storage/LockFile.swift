import Foundation

/// Keeps a second bot off the same ledger: an advisory lock (flock) on a file beside it, for as long as the value
/// lives. Numbers and the head of the audit chain are kept in memory, so there must be one writer only.
final class LockFile: Sendable {
    private let descriptor: Int32

    init(path: String, ledger: String) throws(LedgerOpenError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerOpenError(path: ledger, reason: "\(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw LedgerOpenError(path: ledger, reason: "another process writes to it (it holds \(path))")
        }
    }

    /// Unlocked and not only closed: a program that is just being started may share the descriptor until its exec.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
