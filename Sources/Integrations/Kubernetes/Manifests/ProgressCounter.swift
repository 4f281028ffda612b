import Synchronization

/// Counts what many tasks have done together.
final class ProgressCounter: Sendable {
    private let count = Mutex(0)

    /// One more is done; how many are.
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
