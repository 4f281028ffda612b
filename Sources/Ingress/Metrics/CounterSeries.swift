import CoreMetrics
import Synchronization

/// Counts whole numbers, upwards.
final class CounterSeries: MetricSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        if amount > 0 { value.wrappingAdd(amount, ordering: .relaxed) }
    }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: String, into text: inout String) {
        PrometheusText.sample(name, labels, String(value.load(ordering: .relaxed)), into: &text)
    }
}
