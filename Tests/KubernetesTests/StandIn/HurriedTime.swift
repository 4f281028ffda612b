import Domain
import Foundation

/// Time that passes a hundred times as fast, for what waits on purpose.
struct HurriedTime: TimeSource {
    private let start = Date()
    private static let factor = 100.0

    var now: Date { start.addingTimeInterval(Date().timeIntervalSince(start) * HurriedTime.factor) }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration / HurriedTime.factor) }
}
