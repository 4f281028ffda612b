import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Hetzner

/// The shipped files of the analytics pool, made at the stand-in by a bot that dies again and again.
@Suite(.timeLimit(.minutes(5))) struct PoolFromNothingTests {
    private static let cases = 24

    /// Lives of the bot until all is made; each ends after so many exchanges, nil: it lives on.
    private func make(_ scene: PoolScene, dyingAfter lengths: [Int]) async throws {
        for length in lengths {
            if try await scene.live(length) { return }
        }
        let isDone = try await scene.live(nil)
        try #require(isDone)
    }

    private func expectWhole(_ scene: PoolScene, _ hint: Comment, isLookedAt: Bool = true) async throws {
        #expect(scene.orders == PoolScene.whole, hint)
        #expect(scene.unmarked == [], hint)
        guard isLookedAt else { return }
        let orphans = try await scene.perform("hetzner.orphans", PoolScene.all)
        #expect(orphans["orphans"] == [], hint)
        for step in PoolScene.steps {
            let plan = try await scene.plan("hetzner.ensure", step)
            #expect(plan.changes == [], hint)
        }
    }

    @Test func `the pool is made from nothing, each thing once and marked, and then there is nothing to do`()
        async throws
    {
        try await PoolScene.run { scene in
            try await make(scene, dyingAfter: [])
            try await expectWhole(scene, "without a crash")
            let control = try #require(scene.hetzner.thing("servers", "analytics-control-1"))
            #expect(control.at(path: "private_net.0.ip") == "10.40.0.2")
            #expect(control["status"] == "running")
            let volume = scene.hetzner.thing("volumes", "analytics-control-1-data")
            #expect(volume?["server"] == control["id"])
            #expect(scene.hetzner.thing("load_balancers", "analytics")?["services"]?.arrayValue?.count == 2)
        }
    }

    @Test func `what a machine makes of itself holds its secrets whole, and nobody else sees them`() async throws {
        try await PoolScene.run { scene in
            let plans = try await PoolScene.steps.asyncMap { "\(try await scene.plan("hetzner.ensure", $0))" }
            try await make(scene, dyingAfter: [])
            let text = try #require(scene.hetzner.userData("analytics-control-1"))
            #expect(text.hasPrefix("#cloud-config\n"))
            let document = try JSONValue(parsing: Array(text.dropFirst("#cloud-config\n".count).utf8))
            #expect(document["ssh_keys"]?["ed25519_private"] == .string(PoolScene.hostKey))
            let files = document["write_files"]?.arrayValue ?? []
            func content(_ path: String) -> String? {
                files.first { $0["path"]?.stringValue == path }?["content"]?.stringValue
            }
            #expect(content("/etc/rancher/k3s/token") == PoolScene.joinToken)
            #expect(content("/usr/local/sbin/install-k3s")?.hasPrefix("#!/bin/bash\n") == true)
            #expect(content("/etc/default/install-k3s")?.contains("NODE_RANGE=10.40.0.0/24\n") == true)
            #expect(!text.contains("{{"))
            #expect(scene.hetzner.userData("analytics-worker-1")?.contains(PoolScene.hostKey) == false)
            let told = plans.joined() + scene.told
            #expect(!told.contains(PoolScene.joinToken) && !told.contains("PRIVATE KEY"))
        }
    }

    @Test(arguments: 1...PoolFromNothingTests.cases)
    func `a bot that dies once, wherever it is, orders nothing twice and leaves nothing unmarked`(part: Int)
        async throws
    {
        // All places of a whole run, spread over the cases: each has those that leave the same rest.
        var length = part
        var isLast = false
        while !isLast {
            let dying = length
            isLast = try await PoolScene.run { scene in
                if try await scene.live(dying) {
                    try await expectWhole(scene, "it lived through all before exchange \(dying)")
                    return true
                }
                try await make(scene, dyingAfter: [])
                try await expectWhole(scene, "it died after exchange \(dying)", isLookedAt: false)
                return false
            }
            length += PoolFromNothingTests.cases
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `a bot that dies again and again while answers are lost and Hetzner is busy makes the whole pool once`(
        seed: UInt64
    ) async throws {
        var dice = Dice(seed: seed)
        let lengths = (0..<40).map { _ in dice.number(1...25) }
        try await PoolScene.run { scene in
            scene.hetzner.failures.counts = [
                .resetAfterwards: FailureCount(4, methods: "create_"), .reset: FailureCount(2),
                .unavailable: FailureCount(2), .locked: FailureCount(2), .conflict: FailureCount(2),
                .rateLimited: FailureCount(1),
            ]
            try await make(scene, dyingAfter: lengths)
            try await expectWhole(scene, "seed \(seed)")
        }
    }

    @Test func `a count that was set is kept by the next deploy, and tells which workers are too many`() async throws {
        try await PoolScene.run { scene in
            try await make(scene, dyingAfter: [])
            _ = try await scene.perform("hetzner.scale", ["name": "workers", "count": 2])
            let surplus: JSONValue = ["name": "analytics-worker", "count": 3, "keep": "workers"]
            #expect(
                try await scene.perform("hetzner.surplus", surplus)["surplus"] == [["server": "analytics-worker-3"]])
            let wrong = await #expect(throws: ActionError.self) {
                var one = surplus.objectValue ?? [:]
                one["one_of_them"] = "analytics-worker-1"
                _ = try await scene.perform("hetzner.surplus", .object(one))
            }
            #expect(wrong?.message.hasPrefix("server analytics-worker-1 is not one too many: 2 are wanted") == true)
            let workers = try await scene.perform("hetzner.ensure", PoolScene.steps[2])
            #expect(workers["names"] == ["server": ["analytics-worker-1", "analytics-worker-2"]])
            #expect(scene.orders == PoolScene.whole)
            // A worker above the count is nobody's any more.
            let orphans = try await scene.perform("hetzner.orphans", PoolScene.all)
            #expect(orphans["orphans"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["analytics-worker-3"])
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
