import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Ethereum

@Suite(.enabled(if: WireData.isThere)) struct EthereumWireTests {
    /// The answer of an `.io` file, with the id that our calls have.
    private func reply(_ path: String) throws -> String {
        let text = String(decoding: try WireData.bytes("ethereum/execution-io/\(path)"), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("<<") })
        var members = try #require(JSONValue(parsing: String(line.dropFirst(2))).objectValue)
        if members["id"] != .null { members["id"] = 1 }
        return JSONValue.object(members).canonicalText
    }

    private func ask<Value: Sendable>(
        _ path: String, _ body: @escaping @Sendable (ExecutionClient) async throws -> Value
    ) async throws -> Value {
        let text = try reply(path)
        let session = try HTTPSession()
        let result: Result<Value, any Error> = try await ScriptedServer.run(answering: { _ in .init(body: text) }) {
            server in
            do { return .success(try await body(ExecutionClient(url: server.url, session: session))) } catch {
                return .failure(error)
            }
        }
        await session.shutdown()
        return try result.get()
    }

    @Test func syncingIsRead() async throws {
        #expect(try await ask("eth_syncing/check-syncing.io") { try await $0.syncing() } == .no)
        #expect(
            try await ask("written/eth_syncing.in_progress.io") { try await $0.syncing() }
                == .yes(current: 0x1518, highest: 0x9567a3, work: 0))
        #expect(
            try await ask("written/eth_syncing.geth_snap.io") { try await $0.syncing() }
                == .yes(current: 0x14f8b2c, highest: 0x14f9d11, work: 0x71e570d91))
    }

    @Test func blocksAreRead() async throws {
        let block = try await ask("eth_getBlockByNumber/get-latest.io") { try await $0.latestBlock() }
        #expect(block.number == 0x36)
        #expect(block.timestamp.timeIntervalSince1970 > 0)
        let error = await #expect(throws: NodeFailure.self) {
            try await ask("eth_getBlockByNumber/get-block-notfound.io") { try await $0.latestBlock() }
        }
        #expect(error?.message.contains("no block") == true)
    }

    @Test(arguments: [("written/net_peerCount.io", 2), ("written/net_peerCount.zero.io", 0)])
    func peersAreRead(path: String, count: Int) async throws {
        #expect(try await ask(path) { try await $0.peerCount() } == count)
    }

    @Test func theClientIsRead() async throws {
        let version = try await ask("written/web3_clientVersion.io") { try await $0.clientVersion() }
        #expect(version == "Geth/v1.15.11-stable-36b2371c/linux-amd64/go1.24.2")
    }

    @Test(arguments: [
        ("written/error.method_not_found.io", true), ("written/error.invalid_params.io", false),
        ("written/error.limit_exceeded.io", false), ("written/error.parse_error.io", false),
    ])
    func errorsAreTold(path: String, isRefusal: Bool) async throws {
        let error = await #expect(throws: NodeFailure.self) { try await ask(path) { try await $0.peerCount() } }
        if case .refused? = error?.kind { #expect(isRefusal) } else { #expect(!isRefusal) }
    }

    private struct Case: Decodable {
        var name: String
        var status: Int
        var body: JSONValue
        var query: String?
        enum CodingKeys: String, CodingKey {
            case name = "case"
            case status, body, query
        }
    }

    private func beacon<Value: Sendable>(
        _ status: Int, _ body: JSONValue, _ call: @escaping @Sendable (BeaconClient) async throws -> Value
    ) async throws -> Result<Value, any Error> {
        let session = try HTTPSession()
        let result: Result<Value, any Error> = try await ScriptedServer.run(answering: { _ in
            .init(status: status, body: body.plainText)
        }) { server in
            do { return .success(try await call(BeaconClient(url: server.url, session: session))) } catch {
                return .failure(error)
            }
        }
        await session.shutdown()
        return result
    }

    @Test func syncingOfTheBeaconNodeIsRead() async throws {
        let cases = try JSONDecoder().decode(
            [Case].self, from: Data(WireData.bytes("ethereum/beacon/written.node_syncing.cases.json")))
        #expect(cases.count == 6)
        for entry in cases {
            let result = try await beacon(entry.status, entry.body) { try await $0.syncing() }
            guard entry.status == 200 else {
                #expect(throws: NodeFailure.self) { try result.get() }
                continue
            }
            let syncing = try result.get()
            let data = try #require(entry.body["data"])
            #expect(String(syncing.headSlot) == data["head_slot"]?.stringValue)
            #expect(syncing.isSyncing == data["is_syncing"]?.boolValue)
            #expect(syncing.isExecutionOffline == data["el_offline"]?.boolValue ?? false)
        }
    }

    @Test func healthOfTheBeaconNodeIsRead() async throws {
        let cases = try JSONDecoder().decode(
            [Case].self, from: Data(WireData.bytes("ethereum/beacon/written.node_health.cases.json")))
        for entry in cases {
            let health = try await beacon(entry.status, entry.body) { try await $0.health() }.get()
            switch entry.status {
            case 200: #expect(health == .ready)
            case 206: #expect(health == .syncing)
            default: #expect(health == .notReady(status: entry.status))
            }
        }
    }

    @Test func theVersionOfTheBeaconNodeIsRead() async throws {
        let body = try JSONValue(parsing: WireData.bytes("ethereum/beacon/lighthouse.version.response.json"))
        #expect(
            try await beacon(200, body) { try await $0.version() }.get() == "Lighthouse/v4.1.0-693886b/x86_64-linux")
    }
}
