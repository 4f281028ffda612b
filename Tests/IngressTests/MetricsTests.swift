import CoreMetrics
import Foundation
import Ingress
import Testing

/// The text that Prometheus reads.
@Suite struct MetricsTests {
    @Test func `every kind of metric is written as the format says`() throws {
        let factory = PrometheusMetricsFactory(help: ["jobs.ended": "Jobs that ended,\nby \\ state."])
        factory.makeCounter(label: "jobs.ended", dimensions: [("state", "failed"), ("command", "de\"pl\\o\ny")])
            .increment(by: 3)
        factory.makeCounter(label: "jobs.ended", dimensions: [("state", "done"), ("command", "a")]).increment(by: 1)
        factory.makeFloatingPointCounter(label: "cost_total", dimensions: []).increment(by: 0.25)
        factory.makeMeter(label: "queue-length", dimensions: []).set(Int64(12))
        factory.makeRecorder(label: "2load", dimensions: [], aggregate: false).record(0.5)
        let timer = factory.makeTimer(label: "step", dimensions: [("le", "x")])
        for milliseconds in [1, 3, 40, 4_000_000] as [Int64] { timer.recordNanoseconds(milliseconds * 1_000_000) }
        let sizes = factory.makeRecorder(label: "body_bytes", dimensions: [], aggregate: true)
        for size in [1, 5, 20_000_000_000] as [Int64] { sizes.record(size) }
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/metrics.txt")
        #expect(factory.text() == (try String(contentsOf: fixture, encoding: .utf8)))
    }

    @Test func `one name and one set of labels is one series`() {
        let factory = PrometheusMetricsFactory()
        let first = factory.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")])
        let second = factory.makeCounter(label: "a_total", dimensions: [("y", "2"), ("x", "1")])
        #expect(first === second)
    }

    @Test func `series beyond the bound are counted and not kept`() {
        let factory = PrometheusMetricsFactory(bound: 10)
        for number in 0..<25 {
            factory.makeCounter(label: "flood", dimensions: [("n", String(number))]).increment(by: 1)
        }
        let lines = factory.text().split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("flood_total{") }.count == 10)
        #expect(lines.contains("defimon_metrics_dropped_total 15"))
    }

    @Test func `a name that means something else is not written twice`() {
        let factory = PrometheusMetricsFactory()
        factory.makeMeter(label: "depth", dimensions: []).set(Int64(1))
        factory.makeRecorder(label: "depth", dimensions: [], aggregate: true).record(Int64(5))
        let lines = factory.text().split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("# TYPE depth ") } == ["# TYPE depth gauge"])
        #expect(lines.contains("depth 1"))
        #expect(lines.contains("defimon_metrics_dropped_total 1"))
    }

    @Test func `a destroyed metric makes room`() {
        let factory = PrometheusMetricsFactory(bound: 1)
        let first = factory.makeCounter(label: "a", dimensions: [])
        factory.destroyCounter(first)
        factory.makeCounter(label: "b", dimensions: []).increment(by: 2)
        #expect(factory.text().contains("b_total 2\n"))
        #expect(!factory.text().contains("a_total"))
    }

    @Test func `many tasks count without losing one`() async {
        let factory = PrometheusMetricsFactory()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        factory.makeCounter(label: "hits", dimensions: [("a", "b")]).increment(by: 1)
                        factory.makeTimer(label: "took", dimensions: []).recordNanoseconds(1)
                    }
                }
            }
        }
        #expect(factory.text().contains("hits_total{a=\"b\"} 8000\n"))
        #expect(factory.text().contains("took_seconds_count 8000\n"))
    }
}
