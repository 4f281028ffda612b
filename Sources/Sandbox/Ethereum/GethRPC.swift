import Domain
import Foundation

/// Geth's JSON-RPC over HTTP (ethereum/execution-apis), the methods that tell how a node does.
struct GethRPC: Sendable {
    static let version = "Geth/v1.15.11-stable-36b2371c/linux-amd64/go1.24.2"
    static let mostCalls = 1000

    let view: @Sendable () -> EthereumNodeState.View

    private struct Failure: Error {
        var code: Int
        var message: String
    }

    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        // Geth answers an empty GET, for load balancers.
        if request.method == "GET", request.body.isEmpty { return SandboxAnswer(200) }
        guard request.method == "POST" else { return .text(405, "method not allowed\n") }
        guard request.mediaType == "application/json" else {
            return .text(415, "invalid content type, only application/json is supported\n")
        }
        guard let value = try? JSONValue(parsing: request.body) else {  // any parse error is the same to Geth
            return .json(200, GethRPC.error(nil, Failure(code: -32_700, message: "parse error")))
        }
        if let batch = value.arrayValue {
            guard !batch.isEmpty else {
                return .json(200, GethRPC.error(nil, Failure(code: -32_600, message: "empty batch")))
            }
            guard batch.count <= GethRPC.mostCalls else {
                return .json(200, GethRPC.error(nil, Failure(code: -32_600, message: "batch too large")))
            }
            return .json(200, .array(batch.map(one)))
        }
        return .json(200, one(value))
    }

    private func one(_ call: JSONValue) -> JSONValue {
        let id = call["id"] ?? .null
        guard call["jsonrpc"]?.stringValue == "2.0", let method = call["method"]?.stringValue else {
            return GethRPC.error(id, Failure(code: -32_600, message: "invalid request"))
        }
        do throws(Failure) {
            let result = try self.result(of: method, call["params"]?.arrayValue ?? [])
            return ["jsonrpc": "2.0", "id": id, "result": result]
        } catch {
            return GethRPC.error(id, error)
        }
    }

    private static func error(_ id: JSONValue?, _ failure: Failure) -> JSONValue {
        [
            "jsonrpc": "2.0", "id": id ?? .null,
            "error": ["code": .int(Int64(failure.code)), "message": .string(failure.message)],
        ]
    }

    private func result(of method: String, _ params: [JSONValue]) throws(Failure) -> JSONValue {
        let view = view()
        if view.faults.contains(.errors) { throw Failure(code: -32_000, message: "missing trie node") }
        switch method {
        case "eth_syncing": return syncing(view)
        case "eth_blockNumber": return EthereumChain.quantity(EthereumChain.block(ofSlot: view.headSlot))
        case "eth_getBlockByNumber": return try block(params, view)
        case "eth_chainId": return EthereumChain.quantity(EthereumChain.id)
        case "net_version": return .string(String(EthereumChain.id))
        case "net_peerCount": return EthereumChain.quantity(view.executionPeers)
        case "net_listening": return true
        case "web3_clientVersion": return .string(GethRPC.version)
        default:
            throw Failure(code: -32_601, message: "the method \(method) does not exist/is not available")
        }
    }

    /// False, or the larger object that Geth sends during snap sync.
    private func syncing(_ view: EthereumNodeState.View) -> JSONValue {
        guard view.isSyncing else { return false }
        var members: [String: JSONValue] = [
            "startingBlock": "0x0",
            "currentBlock": EthereumChain.quantity(EthereumChain.block(ofSlot: view.headSlot)),
            "highestBlock": EthereumChain.quantity(EthereumChain.block(ofSlot: view.chainSlot)),
        ]
        let counters = [
            "healedBytecodeBytes", "healedBytecodes", "healedTrienodeBytes", "healedTrienodes", "healingBytecode",
            "healingTrienodes", "syncedAccountBytes", "syncedAccounts", "syncedBytecodeBytes", "syncedBytecodes",
            "syncedStorage", "syncedStorageBytes", "txIndexFinishedBlocks", "txIndexRemainingBlocks",
        ]
        for name in counters { members[name] = "0x0" }
        return .object(members)
    }

    private func block(_ params: [JSONValue], _ view: EthereumNodeState.View) throws(Failure) -> JSONValue {
        for index in 0..<2 where params.count <= index {
            throw Failure(code: -32_602, message: "missing value for required argument \(index)")
        }
        guard let tag = params[0].stringValue, params[1].boolValue != nil else {
            throw Failure(code: -32_602, message: "invalid argument 0: json: cannot unmarshal")
        }
        let slot: Int
        switch tag {
        case "latest", "pending": slot = view.headSlot
        case "safe": slot = max(0, view.headSlot - 32)
        case "finalized": slot = max(0, view.headSlot - 64)
        default:
            guard tag.hasPrefix("0x"), let number = Int(tag.dropFirst(2), radix: 16) else {
                throw Failure(code: -32_602, message: "invalid argument 0: hex string without 0x prefix")
            }
            slot = EthereumChain.slot(ofBlock: number)
        }
        guard slot >= 0, slot <= view.headSlot else { return .null }
        return GethRPC.block(slot)
    }

    private static func block(_ slot: Int) -> JSONValue {
        let number = EthereumChain.block(ofSlot: slot)
        let zero = "0x" + String(repeating: "0", count: 64)
        return [
            "number": EthereumChain.quantity(number), "hash": .string(EthereumChain.hash("block", number)),
            "parentHash": .string(EthereumChain.hash("block", number - 1)),
            "timestamp": EthereumChain.quantity(EthereumChain.timestamp(ofSlot: slot)),
            "baseFeePerGas": "0x813f23b", "blobGasUsed": "0x20000", "excessBlobGas": "0x0", "difficulty": "0x0",
            "extraData": "0x", "gasLimit": "0x2255100", "gasUsed": "0x10d8f42", "nonce": "0x0000000000000000",
            "logsBloom": .string("0x" + String(repeating: "0", count: 512)),
            "miner": "0x0000000000000000000000000000000000000000", "mixHash": .string(zero),
            "parentBeaconBlockRoot": .string(EthereumChain.hash("beacon", slot - 1)),
            "receiptsRoot": .string(EthereumChain.hash("receipts", number)),
            "requestsHash": .string(EthereumChain.hash("requests", number)),
            "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347", "size": "0x579",
            "stateRoot": .string(EthereumChain.hash("state", number)),
            "transactions": [.string(EthereumChain.hash("transaction", number))],
            "transactionsRoot": .string(EthereumChain.hash("transactions", number)), "uncles": [], "withdrawals": [],
            "withdrawalsRoot": .string(EthereumChain.hash("withdrawals", number)),
        ]
    }
}
