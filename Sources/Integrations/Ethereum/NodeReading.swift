import Domain
import Foundation

/// What one node said when it was asked, both halves at once. What could not be had is in `failures`.
struct NodeReading: Sendable {
    var node: String
    var block: Int64?
    /// Age of the newest block by the clock of this machine; never negative. Two nodes that both stand still show no lag
    /// to each other, so it is the clock that heads are compared with.
    var headAge: Duration?
    var syncing: ExecutionClient.Syncing?
    var peers: Int?
    var client: String?
    /// Why the peers are not known; it matters only where some are wanted.
    var peersFailure: NodeFailure?
    var beacon: BeaconClient.Syncing?
    var health: BeaconClient.Health?
    var beaconPeers: Int?
    var beaconVersion: String?
    /// Why a half told nothing, the first reason of each.
    var executionFailure: NodeFailure?
    var beaconFailure: NodeFailure?
    /// Both halves' failures, in the order in which they were asked for.
    var failures: [NodeFailure] = []

    /// When a node counts as in sync: the newest block is young by our clock, `eth_syncing` is false (which alone says
    /// little: without a beacon client it is always false), there are peers, and the beacon node is neither syncing nor
    /// optimistic, nor without its execution client. Everything that asks whether a node is in sync asks here.
    struct Standard: Sendable, Hashable {
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
        if case .yes(let current, let highest, _)? = syncing {
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

    /// Whether its distance to the head of the chain has become smaller since an earlier look, or a snap sync has done
    /// work. Nothing is restarted while that is so.
    func isCloser(than earlier: NodeReading, _ standard: Standard) -> Bool {
        // A head that is young moves with the chain, which is no catching up.
        if let block, let before = earlier.block, block > before, let headAge, let ageBefore = earlier.headAge,
            ageBefore > standard.maxHeadAge, headAge < ageBefore
        {
            return true
        }
        if case .yes(let current, let highest, let work)? = syncing,
            case .yes(let currentBefore, let highestBefore, let workBefore)? = earlier.syncing,
            highest - current < highestBefore - currentBefore || work > workBefore
        {
            return true
        }
        // A beacon node at the head is now and then a slot behind, which means nothing.
        if let beacon, let before = earlier.beacon, before.isSyncing, beacon.distance < before.distance { return true }
        return false
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

    static func count(_ peers: Int) -> String { peers == 1 ? "1 peer" : "\(peers) peers" }
}
