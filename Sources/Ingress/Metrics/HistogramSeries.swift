import CoreMetrics
import Synchronization

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
