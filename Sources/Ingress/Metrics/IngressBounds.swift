import Domain

/// How much of the ingress' bounds is used.
enum IngressBounds {
    static func readings(_ bodies: BodiesInFlight, _ open: OpenConnections, _ limits: Limits) -> [MetricReading] {
        [
            MetricReading(
                "defimon_bodies_in_flight_bytes", "Bodies held in memory before their senders are answered.",
                Double(bodies.bytes)),
            MetricReading(
                "defimon_bodies_in_flight_limit_bytes", "Bodies that may be held; beyond it senders get 503.",
                Double(limits.bodiesInFlight)),
            MetricReading(
                "defimon_connections_limit", "Connections that a listener may have open.", Double(limits.connections)),
        ]
            + open.values.map {
                MetricReading(
                    "defimon_connections", "Open connections, by listener.", labels: ["listener": $0.listener],
                    Double($0.open))
            }
    }
}
