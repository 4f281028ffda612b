import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport
import Testing

@testable import Ethereum

/// Runs a test's body with nodes `geth-0`, `geth-1`, … that answer as the fakes say.
func withNodes(
    _ fakes: [FakeNode], time: VirtualTime,
    _ body: @escaping @Sendable (EthereumNodes) async throws -> Void
) async throws {
    @Sendable func start(_ index: Int, _ urls: [String], _ session: HTTPSession) async throws {
        guard index < fakes.count else {
            let nodes: [String: JSONValue] = Dictionary(
                uniqueKeysWithValues: urls.enumerated().map { number, url in
                    (
                        "geth-\(number)",
                        [
                            "execution": .string(url), "beacon": .string(url + "/"),
                            "also_called": [.string("lighthouse-\(number)")],
                            "runs_on": number == 0
                                ? ["host": "vm", "execution_unit": "geth", "consensus_unit": "lighthouse"] : .null,
                        ]
                    )
                })
            var reader = InputReader.reading(LocatedValue(["nodes": .object(nodes)]))
            let settings = EthereumSettings(&reader)
            return try await body(EthereumNodes(settings, session: session))
        }
        let fake = fakes[index]
        try await ScriptedServer.run(answering: { fake.answer($0) }) {
            try await start(index + 1, urls + [$0.url], session)
        }
    }
    try await withSession { try await start(0, [], $0) }
}

/// Builds an action as a run does.
func action(_ name: String, _ inputs: JSONValue, _ nodes: EthereumNodes) throws -> any RepeatableAction {
    let type = try #require(ActionCatalogue(EthereumActions.types(nodes: nodes))[name])
    var reader = InputReader.reading(LocatedValue(inputs))
    let action = type.make(&reader)
    reader.finish()
    if let problem = reader.problems.first { throw problem }
    return try #require(action as? any RepeatableAction)
}

func context(_ time: any TimeSource, progress: @escaping @Sendable (String) -> Void = { _ in }) -> ActionContext {
    ActionContext(jobID: 1, idempotencyKey: "k", attempt: 1, time: time, progress: progress)
}

/// What is wrong with a node, and what is then said.
struct Trouble: Sendable, CustomTestStringConvertible {
    var words: String
    var change: @Sendable (inout FakeNode.State) -> Void

    init(_ words: String, change: @escaping @Sendable (inout FakeNode.State) -> Void) {
        self.words = words
        self.change = change
    }

    var testDescription: String { words }
}

@Suite struct OthersInSyncTests {
    private let time = VirtualTime()

    private func run(
        _ fakes: [FakeNode], except: String = "geth-0", more: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        let result = Mutex<JSONValue>(.null)
        try await withNodes(fakes, time: time) { nodes in
            let inputs = more.merging(["except": .string(except)]) { $1 }
            let action = try action("ethereum.others-in-sync", .object(inputs), nodes)
            let outputs = try await action.perform(context(time))
            result.withLock { $0 = outputs }
        }
        return result.withLock { $0 }
    }

    @Test func itPassesWhenAnotherNodeIsInSync() async throws {
        let outputs = try await run([FakeNode(time: time) { $0.status = 503 }, FakeNode(time: time)])
        #expect(outputs["nodes"] == ["geth-1"])
        #expect(outputs["summary"] == "geth-1: in sync, head 4 s old, 12 peers")
    }

    @Test func aHeadAtTheBoundPasses() async throws {
        let outputs = try await run([FakeNode(time: time), FakeNode(time: time) { $0.headAge = 60 }])
        #expect(outputs["nodes"] == ["geth-1"])
    }

    @Test(
        arguments: [
            Trouble("head 1 min 1 s old, more than 1 min") { $0.headAge = 61 },
            Trouble("syncing, block 5400 of 9791395") {
                $0.syncing = ["currentBlock": "0x1518", "highestBlock": "0x9567a3"]
            },
            Trouble("7 slots behind") { $0.beacon = ["head_slot": "1", "sync_distance": "7", "is_syncing": true] },
            Trouble("execution client") {
                $0.beacon = ["head_slot": "1", "sync_distance": "0", "is_syncing": false, "el_offline": true]
            },
            Trouble("optimistic") {
                $0.beacon = ["head_slot": "1", "sync_distance": "0", "is_syncing": false, "is_optimistic": true]
            },
            Trouble("beacon node") { $0.beacon = [:] }, Trouble("not ready (503)") { $0.health = 503 },
            Trouble("502") { $0.status = 502 },
            Trouble("starting (-32000)") { $0.errors["eth_syncing"] = ["code": -32000, "message": "starting"] },
            Trouble("eth_syncing") { $0.syncing = true },
        ] as [Trouble])
    func itFailsWhenNoOtherIsAndSaysHowEachIs(trouble: Trouble) async throws {
        let error = await #expect(throws: ActionError.self) {
            try await run([
                FakeNode(time: time), FakeNode(time: time, trouble.change), FakeNode(time: time) { $0.headAge = 7200 },
            ])
        }
        #expect(error?.message.contains(trouble.words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("geth-2: head 2 h old") == true)
        #expect(error?.message.contains("geth-0") == false)
        #expect(error?.message.contains("\n") == false)
        #expect(error?.mayHaveTakenEffect == false)
    }

    @Test func peersAreTheSettingsAndTheStepsToAskFor() async throws {
        let few = FakeNode(time: time) { $0.peers = 2 }
        let error = await #expect(throws: ActionError.self) { try await run([FakeNode(time: time), few]) }
        #expect(error?.message.contains("geth-1: 2 peers, fewer than 3") == true)
        let untold = FakeNode(time: time) { $0.errors["net_peerCount"] = ["code": -32601, "message": "not available"] }
        let outputs = try await run([FakeNode(time: time), untold], more: ["min_peers": 0])
        #expect(outputs["nodes"] == ["geth-1"])
    }

    @Test func aSingleNodeHasNoOther() async throws {
        let error = await #expect(throws: ActionError.self) { try await run([FakeNode(time: time)]) }
        #expect(error?.message.contains("no other node") == true)
        #expect(error?.retry == .never)
    }

    @Test func anUnknownNodeIsAProblemOfTheDefinition() async throws {
        let error = await #expect(throws: Problem.self) { try await run([FakeNode(time: time)], except: "geth-9") }
        #expect(error?.fix == "did you mean 'geth-0'?")
    }
}

@Suite struct WaitInSyncTests {
    private let time = VirtualTime()

    @Test func itWaitsUntilTheNodeIsInSyncAndTellsHowItGoes() async throws {
        let fake = FakeNode(time: time) { $0.status = 502 }
        let said = Lines()
        try await withNodes([fake], time: time) { nodes in
            let action = try action("ethereum.wait-in-sync", ["node": "geth-0", "min_peers": 3], nodes)
            async let outputs = action.perform(context(time) { text in said.add(text) })
            await time.untilSleeping(1)
            fake.set { ($0.status, $0.headAge, $0.peers) = (nil, 90, 0) }
            time.advance(by: .seconds(5))
            await time.untilSleeping(1)
            fake.set { ($0.headAge, $0.peers) = (42, 2) }
            time.advance(by: .seconds(5))
            await time.untilSleeping(1)
            fake.set { $0.peers = 3 }
            time.advance(by: .seconds(5))
            let result = try await outputs
            #expect(result["block"] == 54)
            #expect(result["head_age"] == "42s")
            #expect(result["peers"] == 3)
            #expect(result["client"] == "Geth/v1.15.11-stable")
            #expect(result["summary"] == "in sync: block 54, head 42 s old, 3 peers, Geth/v1.15.11-stable")
        }
        let lines = said.all
        #expect(lines.count == 3)
        #expect(lines.first?.contains("502") == true)
        #expect(lines.dropFirst().first == "head 1 min 30 s old, 0 peers")
        #expect(lines.last == "head 42 s old, 2 peers")
    }

    @Test func aRefusedConnectionIsProgress() async throws {
        var reader = InputReader.reading(
            LocatedValue(["nodes": ["geth-0": ["execution": "http://127.0.0.1:1", "beacon": "http://127.0.0.1:1"]]]))
        let settings = EthereumSettings(&reader)
        let said = Lines()
        try await withSession { session in
            let nodes = EthereumNodes(settings, session: session)
            let waiting = try action("ethereum.wait-in-sync", ["node": "geth-0"], nodes)
            let task = Task { try await waiting.perform(context(time) { text in said.add(text) }) }
            await time.untilSleeping(1)
            #expect(said.all.first?.contains("connection refused") == true)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test(
        arguments: [
            Trouble("'net'") {
                $0.errors["net_peerCount"] = ["code": -32601, "message": "the method net_peerCount does not exist"]
            },
            Trouble("bot's address") { $0.status = 403 },
        ] as [Trouble])
    func whatWaitingDoesNotMendEndsIt(trouble: Trouble) async throws {
        let fake = FakeNode(time: time, trouble.change)
        let error = await #expect(throws: ActionError.self) {
            try await withNodes([fake], time: time) { nodes in
                _ = try await action("ethereum.wait-in-sync", ["node": "geth-0"], nodes).perform(context(time))
            }
        }
        #expect(error?.retry == .never)
        #expect(error?.hint?.contains(trouble.words) == true)
    }

    @Test(
        arguments: [
            (["node": "geth-7"], "no Ethereum node"), ([:], "node"), (["node": "geth-0", "poll": "1ms"], "poll"),
            (["node": "geth-0", "min_peers": -1], "min_peers"),
            (["node": "geth-0", "max_head_age": "soon"], "max_head_age"),
        ] as [(JSONValue, String)])
    func badInputsAreProblems(inputs: JSONValue, word: String) async throws {
        try await withNodes([FakeNode(time: time)], time: time) { nodes in
            let problem = #expect(throws: Problem.self) { try action("ethereum.wait-in-sync", inputs, nodes) }
            #expect(problem?.description.contains(word) == true)
        }
    }

    @Test func withoutProgressItEndsWithTheReason() async throws {
        let fake = FakeNode(time: time) { $0.headAge = 90 }
        try await withNodes([fake], time: time) { nodes in
            let action = try action("ethereum.wait-in-sync", ["node": "geth-0", "poll": "60s", "stall": "2m"], nodes)
            let waiting = Task { try await action.perform(context(time)) }
            for age in [88.0, 200, 260] {
                await time.untilSleeping(1)
                fake.set { ($0.block, $0.headAge) = ($0.block + (age < 100 ? 1 : 0), age) }
                time.advance(by: .seconds(60))
            }
            let error = await #expect(throws: ActionError.self) { try await waiting.value }
            #expect(error?.message.hasPrefix("geth-0 makes no progress for 2 min: head 4 min 20 s old") == true)
            #expect(error?.retry == .never)
        }
    }
}

@Suite struct EthereumStatusTests {
    private let time = VirtualTime()

    @Test func eachNodeIsToldWithItsStateFirst() async throws {
        let behind = FakeNode(time: time) {
            $0.headAge = 7200
            $0.beacon = ["head_slot": "1", "sync_distance": "600", "is_syncing": true, "el_offline": true]
        }
        try await withNodes([FakeNode(time: time), behind, FakeNode(time: time) { $0.status = 502 }], time: time) {
            let blocks = try await EthereumStatus(nodes: $0, time: time).blocks()
            #expect(blocks.first == .text("1 of 3 Ethereum nodes are in sync."))
            guard case .fields(let fields)? = blocks.last else {
                Issue.record("no fields")
                return
            }
            #expect(fields.map(\.name) == ["Ethereum geth-0", "Ethereum geth-1", "Ethereum geth-2"])
            #expect(
                fields.map(\.value) == [
                    "in sync\nGeth: block 54, 4 s old, 12 peers, v1.15.11-stable\nLighthouse: at the head, v4.1.0",
                    "NOT in sync: head 2 h old, more than 1 min; beacon node syncing, 600 slots behind; "
                        + "beacon node cannot reach its execution client\n"
                        + "Geth: block 54, 2 h old, 12 peers, v1.15.11-stable\n"
                        + "Lighthouse: 600 slots behind, cannot reach Geth, v4.1.0",
                    "NOT in sync: eth_getBlockByNumber: the server answers 502; eth_syncing: the server answers 502; "
                        + "beacon node: the server answers 502; net_peerCount: the server answers 502; "
                        + "beacon node not ready (502)\nGeth: no answer\nLighthouse: no answer",
                ])
        }
    }
}

@Suite struct EthereumSettingsTests {
    @Test(
        arguments: [
            (["nodes": ["geth-0": ["execution": "geth:8545", "beacon": "http://l:5052"]]], "execution"),
            (["nodes": ["geth-0": ["execution": "http://geth:8545"]]], "beacon"),
            (["nodes": ["a b": ["execution": "http://g:1", "beacon": "http://l:1"]]], "a b"),
            (["nodes": ["g": ["execution": "http://u:p@g:1", "beacon": "http://l:1"]]], "execution"),
            (node(["engine": "http://g:8551"]), "belong together"),
            (node(["jwt": ["file": "jwt"]]), "belong together"),
            (node(["engine": "http://g:8551", "jwt": "0x11"]), "jwt"),
            (node(["runs_on": ["cluster": "c", "namespace": "n", "execution": "StatefulSet/g"]]), "not clear"),
            (node(["runs_on": ["host": "h", "execution_unit": "geth.service", "cluster": "c"]]), "not clear"),
            (
                node([
                    "runs_on": [
                        "cluster": "c", "namespace": "n", "execution": "Pod/g", "consensus": "StatefulSet/l",
                    ]
                ]), "execution"
            ),
            (["min_peers": -1], "min_peers"), (["max_head_age": "old"], "max_head_age"),
        ] as [(JSONValue, String)])
    func whatDoesNotFitIsAProblem(value: JSONValue, word: String) {
        var reader = InputReader.reading(LocatedValue(value))
        EthereumSettings.section.read(&reader)
        reader.finish()
        #expect(reader.problems.contains { $0.description.contains(word) }, "\(reader.problems)")
    }

    private static func node(_ more: [String: JSONValue]) -> JSONValue {
        ["nodes": ["g": .object(more.merging(["execution": "http://g:1", "beacon": "http://l:1"]) { $1 })]]
    }

    @Test func whereANodeRunsIsRead() {
        let value: JSONValue = [
            "nodes": [
                "geth-0": [
                    "execution": "http://g:1", "beacon": "http://l:1", "engine": "http://g:2", "jwt": ["file": "jwt"],
                    "runs_on": [
                        "cluster": "infrastructure", "namespace": "ethereum", "execution": "StatefulSet/geth-0",
                        "consensus": "StatefulSet/lighthouse-0",
                    ],
                ],
                "geth-1": [
                    "execution": "http://g:1", "beacon": "http://l:1",
                    "runs_on": ["host": "vm-1", "execution_unit": "geth.service", "consensus_unit": "lh.service"],
                ],
            ]
        ]
        var reader = InputReader.reading(LocatedValue(value))
        let settings = EthereumSettings(&reader)
        reader.finish()
        #expect(reader.problems.isEmpty, "\(reader.problems)")
        let places = [settings.nodes["geth-0"]?.runsOn, settings.nodes["geth-1"]?.runsOn]
        #expect(places.map { $0?.word } == ["kubernetes", "host"])
        #expect(places.map { $0?.execution } == ["geth-0", "geth.service"])
        #expect(places.map { $0?.consensus } == ["lighthouse-0", "lh.service"])
        #expect(settings.minPeers == 3 && settings.maxHeadAge == .seconds(60))
    }

    @Test func theUsualSectionHasNoProblem() {
        let value: JSONValue = [
            "nodes": ["geth-0": ["execution": "http://geth-0:8545", "beacon": "https://l.example/api/"]],
            "ca": "/etc/ca.pem",
        ]
        var reader = InputReader.reading(LocatedValue(value))
        #expect(EthereumSettings(&reader).nodes.keys.sorted() == ["geth-0"])
        reader.finish()
        #expect(reader.problems.isEmpty)
    }
}
