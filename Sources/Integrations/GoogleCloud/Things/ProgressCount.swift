import Synchronization

/// How many of so many things are done, counted by those who do them side by side.
final class ProgressCount: Sendable {
    private let total: Int
    private let done = Mutex(0)

    init(_ total: Int) { self.total = total }

    func next() { done.withLock { $0 += 1 } }

    /// `3 of 14`
    var text: String { "\(done.withLock { $0 }) of \(total)" }
}
