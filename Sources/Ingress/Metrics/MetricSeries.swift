/// One metric with one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    /// Writes its lines.
    func write(_ name: String, _ labels: String, into text: inout String)
}
