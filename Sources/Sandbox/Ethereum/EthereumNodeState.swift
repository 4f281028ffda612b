import Domain
import Foundation

/// One node over time. Everything it answers follows from this and the present time.
struct EthereumNodeState: Sendable {
    /// What the node does by itself.
    enum Course: Sendable {
        case steady(EthereumCondition, since: Date)
        /// Down until `upAt`, behind by `behind` blocks at that time, in sync at `doneAt`.
        case starting(upAt: Date, doneAt: Date, behind: Int)
    }

    /// What one looks like from outside, now.
    struct View: Sendable, Hashable {
        var isDown: Bool
        /// The slot of its head and of the chain's.
        var headSlot: Int
        var chainSlot: Int
        var isSyncing: Bool
        var isStuck: Bool
        var executionPeers: Int
        var consensusPeers: Int
        /// The slot of Lighthouse's head, which may be ahead of Geth's.
        var beaconSlot: Int
        var faults: Set<EthereumFault> = []

        var lag: Int { chainSlot - headSlot }
        var beaconLag: Int { chainSlot - beaconSlot }
        var isInSync: Bool { !isDown && !isSyncing && !isStuck && faults.isEmpty }

        /// One word for the page.
        var word: String {
            if isDown { return "down" }
            if faults.contains(.lighthouseDown) { return "without Lighthouse" }
            if faults.contains(where: \.cutsHalves) { return "cut in halves" }
            if isSyncing { return "syncing" }
            return isStuck ? "stuck" : "in sync"
        }
    }

    var course = Course.steady(.healthy, since: .distantPast)
    var hasFewPeers = false
    var isSlow = false
    /// What else is wrong, since when.
    var faults: [EthereumFault: Date] = [:]

    func has(_ fault: EthereumFault) -> Bool { faults[fault] != nil }

    func view(at now: Date) -> View {
        let chain = EthereumChain.slot(at: now)
        var view = View(
            isDown: false, headSlot: chain, chainSlot: chain, isSyncing: false, isStuck: false,
            executionPeers: hasFewPeers ? 1 : 50, consensusPeers: hasFewPeers ? 2 : 87,
            beaconSlot: chain, faults: Set(faults.keys))
        switch course {
        case .steady(.healthy, _): break
        case .steady(.stuck, let since):
            view.isStuck = true
            view.headSlot = min(chain, EthereumChain.slot(at: since))
        case .steady(.syncing(let behind), _):
            view.isSyncing = true
            view.headSlot = chain - max(behind, 1)
        case .steady(.down, _), .steady(.dead, _): view.isDown = true
        case .starting(let upAt, let doneAt, let behind):
            if now < upAt {
                view.isDown = true
            } else if now < doneAt {
                let done = now.timeIntervalSince(upAt) / max(doneAt.timeIntervalSince(upAt), 0.001)
                view.isSyncing = true
                view.headSlot = chain - max(1, Int((Double(behind) * (1 - done)).rounded(.up)))
            }
        }
        // Lighthouse follows the chain without a Geth that stands still, and does not without one that it cannot reach.
        view.beaconSlot = view.isStuck ? chain : view.headSlot
        for (fault, since) in faults where fault.stopsGeth {
            view.headSlot = min(view.headSlot, EthereumChain.slot(at: since))
            view.beaconSlot = min(view.beaconSlot, view.headSlot)
        }
        return view
    }
}

/// The chain that all nodes of the sandbox follow: a block every 12 seconds of the wall clock, no slot missed.
enum EthereumChain {
    static let id = 1
    static let secondsPerSlot = 12
    /// The beacon chain's genesis, 2020-12-01T12:00:23Z.
    static let genesis = 1_606_824_023
    /// Blocks minus slots since genesis.
    static let blockOffset = 11_000_000

    static func slot(at date: Date) -> Int {
        max(0, (Int(date.timeIntervalSince1970.rounded(.down)) - genesis) / secondsPerSlot)
    }

    static func timestamp(ofSlot slot: Int) -> Int { genesis + slot * secondsPerSlot }
    static func block(ofSlot slot: Int) -> Int { slot + blockOffset }
    static func slot(ofBlock block: Int) -> Int { block - blockOffset }

    /// A hash that stands for the block, not Keccak: only its shape and its sameness matter.
    static func hash(_ kind: String, _ number: Int) -> String {
        "0x" + Hex.encode(SHA256Digest.of(Array("\(kind) \(number)".utf8)))
    }

    /// A quantity as JSON-RPC writes it: `0x1b4`.
    static func quantity(_ number: Int) -> JSONValue { .string("0x" + String(number, radix: 16)) }
}
