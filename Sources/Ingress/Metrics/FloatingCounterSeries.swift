import CoreMetrics
import Synchronization

/// Counts fractions, upwards.
final class FloatingCounterSeries: MetricSeries, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { value.withLock { $0 += amount } }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(_ name: String, _ labels: String, into text: inout String) {
        PrometheusText.sample(name, labels, PrometheusText.number(value.withLock { $0 }), into: &text)
    }
}
