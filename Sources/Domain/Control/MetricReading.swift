/// One number for `/metrics`, read when somebody asks.
package struct MetricReading: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Goes up and down.
        case gauge
        /// Only grows while the bot runs; its name ends in `_total`.
        case counter
    }

    /// As Prometheus shows it: `defimon_jobs_running`.
    package var name: String
    package var kind: Kind
    package var help: String
    /// Name and value of each label.
    package var labels: [String: String]
    package var value: Double

    /// A name that ends in `_total` is a counter's, any other a gauge's.
    package init(_ name: String, _ help: String, labels: [String: String] = [:], _ value: Double) {
        self.name = name
        kind = name.hasSuffix("_total") ? .counter : .gauge
        self.help = help
        self.labels = labels
        self.value = value
    }
}
