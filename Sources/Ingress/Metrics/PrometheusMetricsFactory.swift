package import CoreMetrics
package import Domain
import Synchronization

/// Keeps all metrics of this process and writes them as Prometheus reads them (text format 0.0.4). Counters get the
/// suffix `_total`; timers become histograms in seconds with the suffix `_seconds`; recorders become gauges, or
/// histograms when they aggregate.
package final class PrometheusMetricsFactory: MetricsFactory {
    /// How many series were not made because of the bound, or because their name already means something else.
    package static let droppedName = "defimon_metrics_dropped_total"

    /// The media type of `text()`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Family {
        var kind: MetricKind
        var help: String
        var series: [String: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var dropped = 0
    }

    private let bound: Int
    private let help: [String: String]
    private let state = Mutex(State())

    /// At most `bound` series are kept; further ones are counted in `defimon_metrics_dropped_total`. `help` is by
    /// label, as the code that makes a metric names it.
    package init(bound: Int = 2000, help: [String: String] = [:]) {
        self.bound = bound
        self.help = help.merging(IngressMetrics.help) { given, _ in given }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions) { CounterSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, .counter, dimensions) { FloatingCounterSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { GaugeSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            series(label, .distribution, dimensions) { HistogramSeries(bounds: HistogramSeries.sizes) }
                ?? NOOPMetricsHandler.instance
        } else {
            series(label, .gauge, dimensions) { GaugeSeries() } ?? NOOPMetricsHandler.instance
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, .timer, dimensions) { HistogramSeries(bounds: HistogramSeries.seconds) }
            ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// All metrics, sorted by name and labels, and `readings` that nobody keeps.
    package func text(with readings: [MetricReading] = []) -> String {
        var (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        let drops = CounterSeries()
        drops.increment(by: Int64(dropped))
        families[PrometheusMetricsFactory.droppedName] = Family(
            kind: .counter, help: "Series that were not made: there are too many, or the name means something else.",
            series: ["": drops])
        for reading in readings.prefix(bound) {
            let kind: MetricKind = reading.kind == .counter ? .counter : .gauge
            let name = PrometheusText.name(reading.name, kind)
            let series = GaugeSeries()
            series.set(reading.value)
            families[name, default: Family(kind: kind, help: reading.help)]
                .series[PrometheusText.labels(Array(reading.labels))] = series
        }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            PrometheusText.header(name, family.kind.type, family.help, into: &text)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, into: &text)
            }
        }
        return text
    }

    /// The series of this name and these labels, made when it is new. Nil when there are too many, or when the name is
    /// one of another kind.
    private func series<Series: MetricSeries>(
        _ label: String, _ kind: MetricKind, _ dimensions: [(String, String)], _ make: () -> Series
    ) -> Series? {
        let name = PrometheusText.name(label, kind)
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind, help: help[label] ?? "\(label), \(kind.type).")
            if let known = family.series[labels] as? Series { return known }
            guard family.kind == kind, family.series[labels] == nil, state.count < bound,
                name != PrometheusMetricsFactory.droppedName
            else {
                state.dropped += 1
                return nil
            }
            let new = make()
            family.series[labels] = new
            state.families[name] = family
            state.count += 1
            return new
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value === handler })?.key else { continue }
                state.families[name]?.series[labels] = nil
                state.count -= 1
                return
            }
        }
    }
}
