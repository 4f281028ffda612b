import Domain
import Foundation
package import Outbound

/// How full the volumes of a namespace are, as the Prometheus of their pool knows it.
package struct VolumeUsage: Sendable {
    private static let timeout = Duration.seconds(5)

    private let session: HTTPSession

    package init(session: HTTPSession) { self.session = session }

    /// The part of each volume that is used, from 0 to 1, by claim. `url` is any of the server's pages, such as
    /// `http://prometheus:9090/-/ready`. Throws `ActionError` or `CancellationError`.
    package func shares(at url: String, namespace: String) async throws -> [String: Double] {
        let client = PrometheusClient(
            url: VolumeUsage.server(url), credentials: .none, timeout: VolumeUsage.timeout, session: session)
        let shares = try await client.query(VolumeUsage.query(namespace)).samples.map { sample in
            (sample.labels["persistentvolumeclaim"] ?? "", sample.value)
        }
        return Dictionary(shares.filter { !$0.0.isEmpty && $0.1.isFinite }, uniquingKeysWith: { $1 })
    }

    /// The shipped exporters beside the nodes (deploy/infrastructure-pool/monitoring), and else the kubelet's own figures
    /// (kubernetes.io/docs/reference/instrumentation/metrics), where they are scraped.
    private static func query(_ namespace: String) -> String {
        let name = namespace.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline }
        let own = "{job=\"disk\",mountpoint=\"/data\",namespace=\"\(name)\"}"
        let kubelet = "{namespace=\"\(name)\"}"
        return "max by (persistentvolumeclaim) ("
            + "1 - node_filesystem_avail_bytes\(own) / node_filesystem_size_bytes\(own)"
            + " or kubelet_volume_stats_used_bytes\(kubelet) / kubelet_volume_stats_capacity_bytes\(kubelet))"
    }

    private static func server(_ url: String) -> String {
        guard let end = url.range(of: "/-/") else { return url.hasSuffix("/") ? String(url.dropLast()) : url }
        return String(url[..<end.lowerBound])
    }
}
