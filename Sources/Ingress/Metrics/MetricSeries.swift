import CoreMetrics
import Synchronization

/// What a metric's name and its lines mean.
enum MetricKind: Sendable, Hashable {
    case counter
    case gauge
    /// A histogram of durations in seconds.
    case timer
    /// A histogram of sizes and counts.
    case distribution

    /// The word after `# TYPE`.
    var type: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .timer, .distribution: "histogram"
        }
    }
}

/// One metric with one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    /// Writes its lines.
    func write(_ name: String, _ labels: String, into text: inout String)
}

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

/// A value that goes up and down.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func write(_ name: String, _ labels: String, into text: inout String) {
        PrometheusText.sample(name, labels, PrometheusText.number(value.withLock { $0 }), into: &text)
    }
}

/// Counts values by how large they are.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    /// Upper bounds for durations, in seconds: from half a millisecond to half an hour.
    static let seconds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800,
    ]
    /// Upper bounds for counts and sizes: powers of four up to a thousand million.
    static let sizes = (0...15).map { Double(1 << (2 * $0)) }

    private struct State {
        /// By bound, and last those above all bounds; not summed up yet.
        var counts: [Int64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// `bounds` must rise.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, into text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: Int64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            let separator = labels.isEmpty ? "" : ","
            PrometheusText.sample(
                name + "_bucket", labels + separator + "le=\"\(bound)\"", String(total), into: &text)
        }
        PrometheusText.sample(name + "_sum", labels, PrometheusText.number(sum), into: &text)
        PrometheusText.sample(name + "_count", labels, String(total), into: &text)
    }
}
