import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Ethereum

/// Nodes `geth-0` and `geth-1` of the stand-in, which knows nothing of the client's code.
func withStandIn(
    _ time: QuickTime, secret: ((EthereumStandIn) -> Secret)? = nil, hasEngine: Bool = true,
    _ body: @escaping @Sendable (EthereumStandIn, EthereumNodes) async throws -> Void
) async throws {
    let ethereum = EthereumStandIn(time: time)
    let jwt = secret?(ethereum) ?? ethereum.jwtSecret(of: "geth-0")
    try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
            try await ethereum.run()
            return false
        }
        group.addTask {
            try await withSession { session in
                var nodes: [String: JSONValue] = [:]
                for name in ethereum.nodeNames {
                    var node: [String: JSONValue] = [
                        "execution": .string(try await ethereum.executionURL(of: name)),
                        "beacon": .string(try await ethereum.beaconURL(of: name)),
                    ]
                    if hasEngine, name == "geth-0" {
                        node["engine"] = .string(try await ethereum.engineURL(of: name))
                        node["jwt"] = ["file": "jwt"]
                        node["runs_on"] = [
                            "cluster": "c", "namespace": "n", "execution": "StatefulSet/geth-0",
                            "consensus": "StatefulSet/lighthouse-0",
                        ]
                    }
                    nodes[name] = .object(node)
                }
                var reader = InputReader.reading(LocatedValue(["nodes": .object(nodes)]))
                let settings = EthereumSettings(&reader)
                try await body(
                    ethereum, try EthereumNodes(settings, secrets: OneSecret(value: jwt), session: session))
            }
            return true
        }
        defer { group.cancelAll() }
        while let isDone = try await group.next() { if isDone { return } }
    }
}

private struct OneSecret: SecretSource {
    let value: Secret
    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret { value }
}

/// What is done to a node, and what must be found.
struct Illness: Sendable, CustomTestStringConvertible {
    var cause: String
    var remedy: String
    var isRestartAllowed: Bool
    var words: String
    var make: @Sendable (EthereumStandIn) -> Void

    init(
        _ cause: String, _ remedy: String, restart: Bool = false, _ words: String,
        make: @escaping @Sendable (EthereumStandIn) -> Void
    ) {
        (self.cause, self.remedy, isRestartAllowed, self.words, self.make) = (cause, remedy, restart, words, make)
    }

    var testDescription: String { "\(cause): \(words)" }
}

@Suite struct DiagnosisTests {
    static let longAgo: TimeInterval = -600

    static let illnesses: [Illness] = [
        Illness("healthy", "none", restart: true, "in sync") { _ in },
        Illness("geth-down", "start-geth", restart: true, "Geth") { $0.set("geth-0", .down) },
        Illness("geth-stuck", "restart-geth", restart: true, "Lighthouse is at the head and Geth is not") {
            $0.set("geth-0", .stuck)
        },
        Illness("jwt-mismatch", "fix-secret", "signature is invalid") { $0.set("geth-0", .wrongSecret, true) },
        Illness("clock-off", "ask", "stale token") { $0.set("geth-0", .clockOff, true) },
        Illness("lighthouse-down", "restart-lighthouse", "Lighthouse:") { $0.set("geth-0", .lighthouseDown, true) },
        Illness("lighthouse-stuck", "restart-lighthouse", "Lighthouse stands still") {
            $0.set("geth-0", .lighthouseStuck, true)
        },
        Illness("unclear", "ask", "takes a token of the secret") { $0.set("geth-0", .executionOffline, true) },
        Illness("no-peers", "ask", "1 peer, fewer than 3") { $0.setFewPeers("geth-0", true) },
        Illness("unclear", "ask", "missing trie node") { $0.set("geth-0", .errors, true) },
        Illness("unclear", "ask", "optimistic, though Geth's head is young") { $0.set("geth-0", .optimistic, true) },
    ]

    private func diagnose(
        _ nodes: EthereumNodes, _ time: QuickTime, _ more: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        let inputs = more.merging(["node": "geth-0"]) { $1 }
        return try await action("ethereum.diagnose", .object(inputs), nodes).perform(context(time))
    }

    @Test(arguments: illnesses) func eachIllnessIsFoundWithItsRemedy(illness: Illness) async throws {
        let clock = QuickTime(ahead: DiagnosisTests.longAgo)
        try await withStandIn(clock) { ethereum, nodes in
            illness.make(ethereum)
            // Ten minutes later what stands still is old.
            try await clock.sleep(for: .seconds(600))
            let found = try await diagnose(nodes, clock)
            #expect(found["cause"]?.stringValue == illness.cause, "\(found)")
            #expect(found["remedy"]?.stringValue == illness.remedy)
            #expect(found["restart_allowed"]?.boolValue == illness.isRestartAllowed)
            #expect(found["summary"]?.stringValue?.contains(illness.words) == true, "\(found)")
            #expect(found["details"]?.stringValue?.contains("el_offline") == (illness.cause != "lighthouse-down"))
            #expect(found["is_down"] == .bool(["geth-down", "lighthouse-down"].contains(illness.cause)))
            #expect(found["runs_on"] == "kubernetes" && found["host"] == "" && found["consensus"] == "lighthouse-0")
        }
    }

    @Test func whatCatchesUpIsNeverToBeRestarted() async throws {
        let clock = QuickTime()
        try await withStandIn(clock) { ethereum, nodes in
            ethereum.set("geth-0", .down)
            ethereum.restarted("geth-0")
            try await clock.sleep(for: .seconds(2))
            let found = try await diagnose(nodes, clock, ["poll": "1s"])
            #expect(found["cause"] == "catching-up" && found["remedy"] == "wait", "\(found)")
            #expect(found["restart_allowed"] == false)
        }
    }

    @Test func standingStillTakesTheWholeWatchAndBeingDownTwoLooks() async throws {
        for (condition, looks) in [(EthereumCondition.stuck, 6), (.down, 1)] {
            let sleeps = Mutex(0)
            let clock = QuickTime(ahead: DiagnosisTests.longAgo) { _ in sleeps.withLock { $0 += 1 } }
            try await withStandIn(clock) { ethereum, nodes in
                ethereum.set("geth-0", condition)
                try await clock.sleep(for: .seconds(600))
                sleeps.withLock { $0 = 0 }
                _ = try await diagnose(nodes, clock)
                #expect(sleeps.withLock { $0 } == looks)
            }
        }
    }

    @Test func aCutOfAMomentIsNotDown() async throws {
        let standIn = Mutex<EthereumStandIn?>(nil)
        let clock = QuickTime { _ in standIn.withLock { $0 }?.set("geth-0", .healthy) }
        try await withStandIn(clock) { ethereum, nodes in
            standIn.withLock { $0 = ethereum }
            ethereum.set("geth-0", .down)
            let found = try await diagnose(nodes, clock)
            #expect(found["cause"] == "healthy")
        }
    }

    @Test func withoutTheEngineTheSecretIsOnlySuspected() async throws {
        let clock = QuickTime()
        try await withStandIn(clock, hasEngine: false) { ethereum, nodes in
            ethereum.set("geth-0", .wrongSecret, true)
            let found = try await diagnose(nodes, clock)
            #expect(found["cause"] == "unclear")
            #expect(found["summary"]?.stringValue?.contains("the JWT secret, a clock, or the way between") == true)
            #expect(found["runs_on"] == "unknown" && found["execution"] == "")
        }
    }

    @Test func aSecretOfOursThatIsWrongMakesAHealthyNodeNoIllOne() async throws {
        let clock = QuickTime(ahead: DiagnosisTests.longAgo)
        try await withStandIn(clock, secret: { _ in Secret(String(repeating: "ab", count: 32)) }) { ethereum, nodes in
            let before = try await diagnose(nodes, clock)
            #expect(before["cause"] == "healthy")
            ethereum.set("geth-0", .stuck)
            try await clock.sleep(for: .seconds(600))
            let found = try await diagnose(nodes, clock)
            #expect(found["cause"] == "geth-stuck")
            #expect(found["details"]?.stringValue?.contains("401: signature is invalid") == true)
        }
    }

    @Test(arguments: ["0x", "", "\n"]) func theSecretIsReadAsTheClientsReadIt(decoration: String) async throws {
        let clock = QuickTime()
        let decorate: (EthereumStandIn) -> Secret = { standIn in
            let digits = standIn.jwtSecret(of: "geth-0").reveal()
            return Secret(decoration == "\n" ? digits + decoration : decoration + digits)
        }
        try await withStandIn(clock, secret: decorate) { _, nodes in
            let details = try await diagnose(nodes, clock)["details"]?.stringValue ?? ""
            #expect(details.contains("takes our token"))
        }
    }

    @Test(arguments: ["abcd", "none", String(repeating: "zz", count: 32)])
    func whatIsNoSecretIsSaidAndNotSent(text: String) async throws {
        let clock = QuickTime()
        try await withStandIn(clock, secret: { _ in Secret(text) }) { _, nodes in
            let details = try await diagnose(nodes, clock)["details"]?.stringValue ?? ""
            #expect(details.contains("no secret of 64 hexadecimal digits") && !details.contains(text))
        }
    }

    @Test(arguments: [(1, "disk-full"), (2, "healthy")]) func aFullDiskIsToldByWhoKnowsIt(
        percent: Int64, cause: String
    ) async throws {
        let clock = QuickTime()
        try await withStandIn(clock) { ethereum, nodes in
            if cause != "healthy" { ethereum.set("geth-0", .down) }
            let found = try await diagnose(nodes, clock, ["disk_free_percent": .int(percent)])
            #expect(found["cause"]?.stringValue == cause)
        }
    }

    @Test(
        arguments: [
            ["poll": "1ms"], ["watch": "1s"], ["watch": "11m"], ["disk_free_percent": 101], ["node": "geth-9"],
        ] as [JSONValue])
    func whatDoesNotFitIsAProblem(inputs: JSONValue) async throws {
        try await withStandIn(QuickTime()) { _, nodes in
            var all = inputs.objectValue ?? [:]
            all["node"] = all["node"] ?? "geth-0"
            #expect(throws: Problem.self) { try action("ethereum.diagnose", .object(all), nodes) }
        }
    }
}

/// What cannot be had from a stand-in: machines that say nothing, clocks in headers.
@Suite struct DiagnosisOfLooksTests {
    private static let standard = NodeReading.Standard(maxHeadAge: .seconds(60), minPeers: 3)

    private static func beacon(
        distance: Int64 = 0, syncing: Bool = false, optimistic: Bool = false, offline: Bool = false
    ) -> BeaconClient.Syncing {
        .init(
            headSlot: 100, distance: distance, isSyncing: syncing, isOptimistic: optimistic, isExecutionOffline: offline
        )
    }

    private static func look(_ change: (inout NodeLook) -> Void) -> NodeLook {
        var reading = NodeReading(node: "geth-0")
        (reading.block, reading.headAge, reading.syncing, reading.peers) = (54, .seconds(4), .no, 12)
        (reading.beacon, reading.health, reading.beaconPeers) = (beacon(), .ready, 40)
        var look = NodeLook(reading: reading)
        change(&look)
        return look
    }

    private static func geth(
        _ reach: NodeFailure.Reach, _ look: inout NodeLook, _ message: String = "no answer"
    ) {
        let failure = NodeFailure(.passing, message, reach: reach)
        (look.reading.block, look.reading.headAge, look.reading.syncing, look.reading.peers) = (nil, nil, nil, nil)
        look.reading.executionFailure = failure
        look.reading.failures.append(failure)
    }

    private static func lighthouse(_ reach: NodeFailure.Reach, _ look: inout NodeLook) {
        let failure = NodeFailure(.passing, "beacon node: no answer", reach: reach)
        (look.reading.beacon, look.reading.health) = (nil, nil)
        look.reading.beaconFailure = failure
        look.reading.failures.append(failure)
    }

    static let looks: [(NodeLook, NodeCause)] = [
        // Both are silent: the machine or the way to it.
        (
            look {
                geth(.silent, &$0)
                lighthouse(.silent, &$0)
            }, .network
        ),
        // Geth is silent, and Lighthouse reaches it: only the way from here is cut.
        (look { geth(.silent, &$0) }, .network), (look { geth(.closed, &$0) }, .network),
        // Geth is silent for Lighthouse too.
        (
            look {
                geth(.silent, &$0)
                $0.reading.beacon = beacon(offline: true)
            }, .gethStuck
        ),
        (
            look {
                geth(.closed, &$0)
                $0.reading.beacon = beacon(offline: true)
            }, .gethDown
        ),
        (
            look {
                geth(.closed, &$0)
                lighthouse(.closed, &$0)
            }, .gethDown
        ),
        (
            look {
                geth(.silent, &$0)
                lighthouse(.closed, &$0)
            }, .unclear
        ),
        (look { lighthouse(.silent, &$0) }, .network), (look { lighthouse(.answered, &$0) }, .unclear),
        // In Go's words.
        (look { geth(.answered, &$0, "eth_getBlockByNumber: write: no space left on device (-32000)") }, .diskFull),
        // A clock matters where the halves do not find each other.
        (
            look {
                $0.reading.beacon = beacon(offline: true)
                $0.executionClock = .seconds(-70)
            }, .clockOff
        ),
        (look { $0.beaconClock = .seconds(70) }, .healthy),
        (
            look {
                $0.reading.beacon = beacon(offline: true)
                ($0.executionClock, $0.beaconClock) = (.seconds(44), .seconds(-44))
            }, .unclear
        ),
        (
            look {
                $0.reading.beacon = beacon(offline: true)
                $0.engine = .failed(NodeFailure(.passing, "engine API: connection refused", reach: .closed))
            }, .gethStuck
        ),
        (
            look {
                $0.reading.beacon = beacon(distance: 900, syncing: true)
                $0.reading.beaconPeers = 0
            }, .noPeers
        ),
        (
            look {
                $0.reading.headAge = .seconds(900)
                $0.reading.peers = 0
            }, .noPeers
        ),
        (look { $0.reading.headAge = .seconds(61) }, .gethStuck),
        (look { $0.reading.headAge = .seconds(60) }, .healthy),
    ]

    @Test(arguments: looks.indices) func causesAreToldApart(index: Int) {
        let (look, cause) = DiagnosisOfLooksTests.looks[index]
        let found = Diagnosis(first: look, last: look, standard: DiagnosisOfLooksTests.standard)
        #expect(found.cause == cause, "\(found)")
    }

    @Test func aSnapSyncThatWorksIsProgressThoughNoBlockComes() {
        func at(_ work: Int64) -> NodeLook {
            DiagnosisOfLooksTests.look {
                ($0.reading.block, $0.reading.headAge) = (0, .seconds(1_000_000))
                $0.reading.syncing = .yes(current: 5, highest: 900, work: work)
            }
        }
        func cause(_ first: Int64, _ last: Int64) -> NodeCause {
            Diagnosis(first: at(first), last: at(last), standard: DiagnosisOfLooksTests.standard).cause
        }
        #expect(cause(100, 101) == .catchingUp)
        #expect(cause(100, 100) == .gethStuck)
    }

    @Test func aSlotMoreOrLessIsNoProgress() {
        func at(_ distance: Int64) -> NodeLook {
            DiagnosisOfLooksTests.look {
                $0.reading.headAge = .seconds(900)
                $0.reading.beacon = DiagnosisOfLooksTests.beacon(distance: distance, optimistic: true)
            }
        }
        let found = Diagnosis(first: at(1), last: at(0), standard: DiagnosisOfLooksTests.standard)
        #expect(found.cause == .gethStuck)
    }

    @Test(
        arguments: [
            ("127.0.0.1: connection refused", .closed), ("h: connection reset by peer", .closed),
            ("h: the server closed the connection", .closed), ("the answer broke off: x", .closed),
            ("h: no answer within the time-out", .silent), ("h: no connection within the time-out", .silent),
            ("no complete answer within 5 s", .silent), ("h: no route to host", .silent),
            ("h: no address answers", .elsewhere), ("h: the server's certificate is not trusted", .elsewhere),
        ] as [(String, NodeFailure.Reach)])
    func wordsOfTheSessionSayHowFarARequestCame(words: String, reach: NodeFailure.Reach) {
        #expect(NodeFailure.Reach(words) == reach)
    }
}
