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
