import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct EthereumStandInTests {
    /// A time within a slot, so that the chain stands still unless moved.
    private let time = VirtualTime(now: Date(timeIntervalSince1970: 1_790_000_003))

    private func rpc(_ url: String, _ method: String, _ params: JSONValue = []) async throws -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
        return try await ask("POST", url, [("Content-Type", "application/json")], body.canonicalText).json
    }

    private func number(_ value: JSONValue?) -> Int { Int(value?.stringValue?.dropFirst(2) ?? "", radix: 16) ?? -1 }

    @Test func theHeadAdvancesWithTheClock() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) { [time] in
            let url = try await ethereum.executionURL(of: "geth-0")
            let first = number(try await rpc(url, "eth_blockNumber")["result"])
            time.advance(by: .seconds(24))
            #expect(number(try await rpc(url, "eth_blockNumber")["result"]) == first + 2)
            let block = try await rpc(url, "eth_getBlockByNumber", ["latest", false])["result"]
            #expect(number(block?["number"]) == first + 2)
            let age = Int(time.now.timeIntervalSince1970) - number(block?["timestamp"])
            #expect((0..<12).contains(age))
            #expect(try await rpc(url, "eth_syncing")["result"] == false)
            #expect(number(try await rpc(url, "net_peerCount")["result"]) == 50)
            #expect(number(try await rpc(url, "eth_chainId")["result"]) == 1)
            #expect(try await rpc(url, "web3_clientVersion")["result"]?.stringValue?.hasPrefix("Geth/") == true)
        }
    }

    @Test func aRestartedNodeIsDownThenSyncingThenInSync() async throws {
        var configuration = EthereumStandIn.Configuration()
        configuration.downFor = .seconds(2)
        configuration.syncFor = .seconds(10)
        configuration.blocksBehind = 100
        let ethereum = EthereumStandIn(configuration, time: time)
        try await running([{ try await ethereum.run() }]) { [time] in
            let (geth, beacon) = (
                try await ethereum.executionURL(of: "geth-1"), try await ethereum.beaconURL(of: "geth-1")
            )
            ethereum.set("geth-1", .down)
            ethereum.restarted("geth-1")
            await #expect(throws: HTTPError.self) { try await rpc(geth, "eth_blockNumber") }
            let offline = try await ask("GET", "\(beacon)/eth/v1/node/syncing").json
            #expect(offline.at(path: "data.el_offline") == true)
            #expect(try await ask("GET", "\(beacon)/eth/v1/node/health").status == 206)
            time.advance(by: .seconds(7))
            let syncing = try await rpc(geth, "eth_syncing")["result"]
            #expect(number(syncing?["highestBlock"]) - number(syncing?["currentBlock"]) == 50)
            let distance = try await ask("GET", "\(beacon)/eth/v1/node/syncing").json
            #expect(distance.at(path: "data.sync_distance") == "50")
            #expect(distance.at(path: "data.is_syncing") == true)
            #expect(ethereum.look(at: "geth-1")?.word == "syncing")
            time.advance(by: .seconds(5))
            #expect(try await rpc(geth, "eth_syncing")["result"] == false)
            #expect(try await ask("GET", "\(beacon)/eth/v1/node/health").status == 200)
            #expect(ethereum.look(at: "geth-1")?.isInSync == true)
            #expect(ethereum.look(at: "geth-0")?.restarts == 0)
        }
    }

    @Test func aStuckNodeAnswersButItsHeadGrowsOld() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) { [time] in
            let url = try await ethereum.executionURL(of: "geth-0")
            ethereum.set("geth-0", .stuck)
            ethereum.setFewPeers("geth-0", true)
            let first = try await rpc(url, "eth_blockNumber")["result"]
            time.advance(by: .seconds(600))
            #expect(try await rpc(url, "eth_blockNumber")["result"] == first)
            #expect(try await rpc(url, "net_peerCount")["result"] == "0x1")
            #expect(try await rpc(url, "eth_syncing")["result"] == false)
            let beacon = try await ethereum.beaconURL(of: "geth-0")
            let syncing = try await ask("GET", "\(beacon)/eth/v1/node/syncing").json
            // Lighthouse goes on, with blocks that Geth has not checked.
            #expect(syncing.at(path: "data.sync_distance") == "0")
            #expect(syncing.at(path: "data.is_optimistic") == true)
        }
    }

    @Test func wrongCallsHaveGethsErrors() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) {
            let url = try await ethereum.executionURL(of: "geth-0")
            #expect(
                try await rpc(url, "eth_foo")["error"] == [
                    "code": -32_601, "message": "the method eth_foo does not exist/is not available",
                ])
            #expect(try await rpc(url, "eth_getBlockByNumber", ["latest"]).at(path: "error.code") == -32_602)
            #expect(try await rpc(url, "eth_getBlockByNumber", ["0xfffffff", false])["result"] == .null)
            let broken = try await ask("POST", url, [("Content-Type", "application/json")], #"{"jsonrpc":"#)
            #expect(
                try broken.json == [
                    "jsonrpc": "2.0", "id": .null, "error": ["code": -32_700, "message": "parse error"],
                ])
            #expect(try await ask("POST", url, [("Content-Type", "text/plain")], "{}").status == 415)
            let batch = #"[{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"nope"}]"#
            let answers = try await ask("POST", url, [("Content-Type", "application/json")], batch).json
            #expect(answers.at(path: "0.result") == "0x1")
            #expect(answers.at(path: "1.error.code") == -32_601)
        }
    }

    @Test(.enabled(if: WireData.isThere)) func answersHaveTheShapeOfTheRecordedOnes() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) {
            let geth = try await ethereum.executionURL(of: "geth-0")
            let beacon = try await ethereum.beaconURL(of: "geth-0")
            let block = try recorded("ethereum/execution-io/eth_getBlockByNumber/get-block-prague-fork.io")
            let mine = try await rpc(geth, "eth_getBlockByNumber", ["latest", false])["result"]
            #expect(keys(block) == keys(mine))
            ethereum.set("geth-0", .syncing(behind: 5))
            let syncing = try recorded("ethereum/execution-io/written/eth_syncing.geth_snap.io")
            #expect(keys(syncing) == keys(try await rpc(geth, "eth_syncing")["result"]))
            for (file, path) in [
                ("lighthouse.headers_head.response", "/eth/v1/beacon/headers/head"),
                ("lighthouse.version.response", "/eth/v1/node/version"),
                ("written.peer_count.response", "/eth/v1/node/peer_count"),
            ] {
                let wire = try JSONValue(parsing: try WireData.bytes("ethereum/beacon/\(file).json"))
                let answer = try await ask("GET", beacon + path).json
                for part in ["", "data", "data.header", "data.header.message"] {
                    #expect(keys(wire.at(path: part)) == keys(answer.at(path: part)), "\(path) \(part)")
                }
            }
            let cases = try JSONValue(parsing: try WireData.bytes("ethereum/beacon/written.node_syncing.cases.json"))
            let answer = try await ask("GET", "\(beacon)/eth/v1/node/syncing").json
            #expect(keys(cases.at(path: "0.body.data")) == keys(answer["data"]))
            #expect(try await ask("GET", "\(beacon)/eth/v1/node/health?syncing_status=299").status == 299)
            #expect(try await ask("GET", "\(beacon)/eth/v1/node/health?syncing_status=abc").status == 400)
        }
    }

    private func keys(_ value: JSONValue?) -> Set<String> { Set(value?.objectValue?.keys.map { $0 } ?? []) }

    private func recorded(_ path: String) throws -> JSONValue? {
        let lines = String(decoding: try WireData.bytes(path), as: UTF8.self).split(separator: "\n")
        let answer = try #require(lines.first { $0.hasPrefix("<< ") })
        return try JSONValue(parsing: String(answer.dropFirst(3)))["result"]
    }
}
