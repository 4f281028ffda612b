import Domain
import Foundation
import Synchronization
import TestSupport

@testable import Ethereum

/// What a node's two halves answer; a test changes it while it runs.
final class FakeNode: Sendable {
    struct State: Sendable {
        var headAge = 4.0
        var block: Int64 = 54
        var peers = 12
        var syncing: JSONValue = false
        var beacon: JSONValue = [
            "head_slot": "100", "sync_distance": "0", "is_syncing": false, "is_optimistic": false, "el_offline": false,
        ]
        var health = 200
        /// Instead of an answer.
        var status: Int?
        /// Method → error of JSON-RPC.
        var errors: [String: JSONValue] = [:]
    }

    let state = Mutex(State())
    private let time: any TimeSource

    init(time: any TimeSource, _ change: (inout State) -> Void = { _ in }) {
        self.time = time
        set(change)
    }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        let state = state.withLock { $0 }
        if let status = state.status { return .init(status: status, body: "") }
        switch request.path {
        case "/eth/v1/node/syncing": return .init(body: JSONValue.object(["data": state.beacon]).canonicalText)
        case "/eth/v1/node/health": return .init(status: state.health)
        case "/eth/v1/node/version": return .init(body: #"{"data":{"version":"Lighthouse/v4.1.0"}}"#)
        default: return .init(body: rpc(request, state))
        }
    }

    private func rpc(_ request: ScriptedServer.Request, _ state: State) -> String {
        let call = (try? JSONValue(parsing: request.body)) ?? .null
        let method = call["method"]?.stringValue ?? ""
        var answer: [String: JSONValue] = ["jsonrpc": "2.0", "id": call["id"] ?? .null]
        if let error = state.errors[method] {
            answer["error"] = error
            return JSONValue.object(answer).canonicalText
        }
        let timestamp = Int64(time.now.timeIntervalSince1970 - state.headAge)
        answer["result"] =
            switch method {
            case "eth_syncing": state.syncing
            case "eth_getBlockByNumber":
                [
                    "number": .string("0x" + String(state.block, radix: 16)),
                    "timestamp": .string("0x" + String(timestamp, radix: 16)), "hash": "0x00",
                ]
            case "net_peerCount": .string("0x" + String(state.peers, radix: 16))
            case "web3_clientVersion": "Geth/v1.15.11-stable"
            default: .null
            }
        return JSONValue.object(answer).canonicalText
    }
}
