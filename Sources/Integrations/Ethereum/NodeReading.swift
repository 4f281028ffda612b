import Domain
import Foundation

/// What one node said when it was asked, both halves at once. What could not be had is in `failures`.
struct NodeReading: Sendable {
    var node: String
    var block: Int64?
    /// Age of the newest block; never negative.
    var headAge: Duration?
    var syncing: ExecutionClient.Syncing?
    var peers: Int?
    var client: String?
    /// Why the peers are not known; it matters only where some are wanted.
    var peersFailure: NodeFailure?
    var beacon: BeaconClient.Syncing?
    var health: BeaconClient.Health?
    var beaconVersion: String?
    var failures: [NodeFailure] = []

    /// When a node counts as in sync.
    struct Standard: Sendable {
        var maxHeadAge: Duration
        var minPeers: Int
    }

    /// What keeps it from being in sync; empty when it is. Nothing that is not known counts as good.
    func obstacles(_ standard: Standard) -> [String] {
        var obstacles: [String] = []
        // One cause often takes several answers away: it is said once.
        for failure in failures(standard) where !obstacles.contains(failure.message) {
            obstacles.append(failure.message)
        }
        if let headAge, headAge > standard.maxHeadAge {
            obstacles.append(
                "head \(DurationText.human(headAge)) old, more than \(DurationText.human(standard.maxHeadAge))")
        }
        if case .yes(let current, let highest)? = syncing {
            obstacles.append("syncing, block \(current) of \(highest)")
        }
        if let peers, peers < standard.minPeers {
            obstacles.append("\(NodeReading.count(peers)), fewer than \(standard.minPeers)")
        }
        if let beacon {
            if beacon.isSyncing { obstacles.append("beacon node syncing, \(beacon.distance) slots behind") }
            if beacon.isExecutionOffline { obstacles.append("beacon node cannot reach its execution client") }
            if beacon.isOptimistic { obstacles.append("beacon node is optimistic (blocks not checked yet)") }
        }
        if case .notReady(let status)? = health { obstacles.append("beacon node not ready (\(status))") }
        let isWhole = headAge != nil && syncing != nil && beacon != nil && (peers != nil || standard.minPeers == 0)
        if obstacles.isEmpty, !isWhole { obstacles.append("it did not say all that is needed") }
        return obstacles
    }

    /// `head 42 s old, 12 peers`; empty when neither is known.
    var facts: String {
        [headAge.map { "head \(DurationText.human($0)) old" }, peers.map(NodeReading.count)].compactMap { $0 }
            .joined(separator: ", ")
    }

    /// `geth-1: in sync, head 4 s old, 12 peers`, `geth-1: connection refused`.
    func line(_ standard: Standard) -> String {
        let obstacles = obstacles(standard)
        if obstacles.isEmpty { return "\(node): " + ["in sync", facts].filter { !$0.isEmpty }.joined(separator: ", ") }
        return "\(node): " + obstacles.joined(separator: "; ")
    }

    private func failures(_ standard: Standard) -> [NodeFailure] {
        failures + (standard.minPeers > 0 ? [peersFailure].compactMap { $0 } : [])
    }

    /// Why waiting makes no sense, if so.
    func refusal(_ standard: Standard) -> (message: String, hint: String)? {
        for failure in failures(standard) {
            if case .refused(let hint) = failure.kind { return (failure.message, hint) }
        }
        return nil
    }

    private static func count(_ peers: Int) -> String { peers == 1 ? "1 peer" : "\(peers) peers" }
}
