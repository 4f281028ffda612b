import Domain
import Foundation

/// Lighthouse's beacon node API (ethereum/beacon-APIs), the paths that tell how a node does. Numbers are decimal
/// strings, as the specification writes them.
struct BeaconAPI: Sendable {
    static let version = "Lighthouse/v7.1.0-cfb1f73/x86_64-linux"

    let view: @Sendable () -> EthereumNodeState.View

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        guard request.method == "GET" else { return BeaconAPI.error(405, "METHOD_NOT_ALLOWED") }
        let view = view()
        switch request.path {
        case "/eth/v1/node/syncing": return .json(200, ["data": syncing(view)])
        case "/eth/v1/node/health": return health(view, request)
        case "/eth/v1/node/version": return .json(200, ["data": ["version": .string(BeaconAPI.version)]])
        case "/eth/v1/node/peer_count":
            return .json(
                200,
                [
                    "data": [
                        "disconnected": "12", "connecting": "3", "connected": BeaconAPI.number(view.consensusPeers),
                        "disconnecting": "1",
                    ]
                ])
        case "/eth/v1/beacon/headers/head": return .json(200, head(view))
        case "/eth/v1/beacon/genesis":
            return .json(
                200,
                [
                    "data": [
                        "genesis_time": BeaconAPI.number(EthereumChain.genesis),
                        "genesis_validators_root": .string(EthereumChain.hash("validators", 0)),
                        "genesis_fork_version": "0x00000000",
                    ]
                ])
        default: return BeaconAPI.error(404, "NOT_FOUND")
        }
    }

    private static func error(_ status: Int, _ message: String) -> SandboxAnswer {
        .json(status, ["code": .int(Int64(status)), "message": .string(message), "stacktraces": []])
    }

    private static func number(_ value: Int) -> JSONValue { .string(String(value)) }

    /// The execution client is gone while the node is down; Lighthouse itself goes on.
    private func isOptimistic(_ view: EthereumNodeState.View) -> Bool {
        view.isSyncing || view.isStuck || isCut(view) || view.faults.contains(.optimistic)
    }

    private func isCut(_ view: EthereumNodeState.View) -> Bool {
        view.isDown || view.faults.contains(where: \.cutsHalves)
    }

    private func syncing(_ view: EthereumNodeState.View) -> JSONValue {
        [
            "head_slot": BeaconAPI.number(view.beaconSlot), "sync_distance": BeaconAPI.number(view.beaconLag),
            // Lighthouse calls itself syncing from a distance of a few slots on.
            "is_syncing": .bool(view.isSyncing || view.beaconLag > 8 || view.faults.contains(.lighthouseStuck)),
            "is_optimistic": .bool(isOptimistic(view)),
            "el_offline": .bool(isCut(view)),
        ]
    }

    private func health(_ view: EthereumNodeState.View, _ request: SandboxRequest) -> SandboxAnswer {
        var status = 206
        if let wish = request.query("syncing_status") {
            guard let code = Int(wish), (100...599).contains(code) else {
                return .json(400, ["code": 400, "message": "Invalid syncing status code"])
            }
            status = code
        }
        return SandboxAnswer(view.isInSync ? 200 : status)
    }

    private func head(_ view: EthereumNodeState.View) -> JSONValue {
        let slot = view.beaconSlot
        return [
            "execution_optimistic": .bool(isOptimistic(view)), "finalized": false,
            "data": [
                "root": .string(EthereumChain.hash("beacon", slot)), "canonical": true,
                "header": [
                    "message": [
                        "slot": BeaconAPI.number(slot), "proposer_index": BeaconAPI.number(slot % 900_000),
                        "parent_root": .string(EthereumChain.hash("beacon", slot - 1)),
                        "state_root": .string(EthereumChain.hash("beaconstate", slot)),
                        "body_root": .string(EthereumChain.hash("body", slot)),
                    ],
                    "signature": .string("0x" + String(repeating: "8258e64fea426033", count: 12)),
                ],
            ],
        ]
    }
}
