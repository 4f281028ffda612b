import Domain
import Synchronization

/// Numbers of what is put together after the engine that shows them.
final class LateReadings: Sendable {
    private let source = Mutex<(@Sendable () async -> [MetricReading])?>(nil)

    func bind(_ read: @escaping @Sendable () async -> [MetricReading]) { source.withLock { $0 = read } }

    func read() async -> [MetricReading] { await source.withLock { $0 }?() ?? [] }
}
