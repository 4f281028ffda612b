import Synchronization

/// Counts what many tasks have done together.
package final class ProgressCounter: Sendable {
    private let count = Mutex(0)

    package init() {}

    /// One more is done; how many are.
    package func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
