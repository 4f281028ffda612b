import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import ACME

/// The way of a certificate from its order to its places, with a CA that answers as the real ones do.
@Suite(.timeLimit(.minutes(5))) struct RotationTests {
    private func expectEverywhere(_ scene: RotationScene, _ hint: Comment? = nil) async throws {
        let newest = scene.serials.last
        #expect(RotationScene.serial(scene.first) == newest, hint)
        #expect(RotationScene.serial(scene.second) == newest, hint)
        let record = try await scene.record()
        #expect(record.current?.serialNumber == newest, hint)
        #expect(record.next == nil && record.order == nil, hint)
    }

    @Test(arguments: [CertificateKey.Kind.p256, .rsa2048])
    func `the first certificate is issued and goes to every place, and then there is nothing to do`(
        key: CertificateKey.Kind
    ) async throws {
        try await RotationScene.run(key: key) { scene in
            let plan = try await scene.plan()
            #expect(
                plan.changes == [
                    "certificate api: a new one for api.example.com, www.example.com by HTTP-01, since there is none yet",
                    "certificate api: into the first place", "certificate api: into the second place",
                ])
            #expect(scene.authority.orderCount == 0)
            let output = try await scene.perform()
            #expect(output["changes"] == 3)
            #expect(output["summary"] == "new: api; installed in 2 places")
            try await expectEverywhere(scene)
            let issued = try #require(scene.authority.issued.first)
            #expect(Set(issued.names) == Set(RotationScene.names))
            let again = try await scene.perform(step: 2)
            #expect(again["changes"] == 0)
            let idle = try await scene.plan()
            #expect(idle.changes == [])
            #expect(scene.authority.orderCount == 1)
        }
    }

    @Test func `it is renewed when its time has come, once, and the order names the one before`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            scene.clock.advance(by: .seconds(75 * 86_400))
            try await scene.perform(step: 2)
            #expect(scene.serials.count == 2)
            #expect(scene.authority.issued.first?.isReplaced == true)
            try await expectEverywhere(scene)
            #expect(scene.first.history == scene.serials)
            try await scene.perform(step: 3)
            #expect(scene.serials.count == 2)
        }
    }

    @Test func `what the CA says of when to renew goes before its age`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            let certID = try #require(scene.authority.issued.first?.certID)
            scene.authority.setRenewalWindow(
                ACMERenewalWindow(
                    start: scene.clock.now, end: scene.clock.now.advanced(by: .seconds(3600)),
                    explanation: "https://ca.example.com/incident"), of: certID)
            scene.clock.advance(by: .seconds(86_400))
            try await scene.perform(step: 2)
            #expect(scene.serials.count == 2)
            try await expectEverywhere(scene)
        }
    }

    @Test func `force makes a new one, once for each time it is asked`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            try await scene.perform("acme.rotate", ["force": true], step: 2)
            try await scene.perform("acme.rotate", ["force": true], step: 2)
            #expect(scene.serials.count == 2)
            try await expectEverywhere(scene)
        }
    }

    @Test func `a place that refuses keeps the old one, the others get the new one, and the next run makes no order`()
        async throws
    {
        try await RotationScene.run { scene in
            try await scene.perform()
            scene.second.refuse(1)
            let failure = await scene.failure(["force": true], step: 2)
            #expect(failure?.message.contains("the second place does not take it") == true)
            #expect(RotationScene.serial(scene.first) == scene.serials[1])
            #expect(RotationScene.serial(scene.second) == scene.serials[0])
            let record = try await scene.record()
            #expect(record.current?.serialNumber == scene.serials[0])
            #expect(record.failure != nil)
            let listed = try await scene.perform("acme.certificates")
            #expect(listed["table"]?.stringValue?.contains("api: failed on") == true)
            try await scene.perform("acme.rotate", [:], step: 3)
            #expect(scene.authority.orderCount == 2)
            try await expectEverywhere(scene)
            let mended = try await scene.record()
            #expect(mended.failure == nil)
        }
    }

    @Test func `a place that somebody has changed gets its certificate again without a new order`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            scene.first.disturb(nil)
            let plan = try await scene.plan()
            #expect(plan.changes == ["certificate api: into the first place, which has another one"])
            let output = try await scene.perform(step: 2)
            #expect(output["changes"] == 1)
            try await expectEverywhere(scene)
            #expect(scene.authority.orderCount == 1)
        }
    }

    @Test func `names that are not proven are told with the CA's reason, and nothing is installed`() async throws {
        try await RotationScene.run { scene in
            scene.authority.failures.unproven = ["www.example.com"]
            let failure = await scene.failure()
            #expect(failure?.message.contains("www.example.com") == true)
            #expect(scene.first.chain == nil)
            scene.authority.failures.unproven = []
            try await scene.perform(step: 2)
            try await expectEverywhere(scene)
        }
    }

    @Test func `an order that turns invalid leads to another one by the next run`() async throws {
        try await RotationScene.run { scene in
            scene.authority.failures.counts[.invalidOrder] = FailureCount(1)
            let failure = await scene.failure()
            #expect(failure?.message.contains("gave up the order") == true)
            try await scene.perform(step: 2)
            #expect(scene.authority.orderCount == 2)
            try await expectEverywhere(scene)
        }
    }

    @Test func `a CA that says to come back in a day is not asked before, also by force`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            scene.authority.failures.counts[.rateLimited] = FailureCount(1, methods: "newOrder")
            let refused = await scene.failure(["force": true], step: 2)
            #expect(refused?.retry == .never)
            let count = scene.authority.received.count
            scene.clock.advance(by: .seconds(86_000))
            let waiting = try await scene.perform("acme.rotate", ["force": true], step: 3)
            #expect(waiting["table"]?.stringValue?.contains("not before") == true)
            #expect(scene.authority.orderCount == 1)
            #expect(scene.authority.received.filter { $0.hasPrefix("newOrder") }.count == 2)
            #expect(scene.authority.received.count <= count + 2)
            scene.clock.advance(by: .seconds(500))
            try await scene.perform("acme.rotate", ["force": true], step: 4)
            #expect(scene.serials.count == 2)
            try await expectEverywhere(scene)
        }
    }

    @Test func `the sixth certificate for the same names within a week is not ordered`() async throws {
        try await RotationScene.run { scene in
            for step in 1...5 { try await scene.perform("acme.rotate", ["force": true], step: step) }
            let failure = await scene.failure(["force": true], step: 6)
            #expect(failure?.message.contains("5 certificates for the same names") == true)
            #expect(scene.authority.orderCount == 5)
            scene.clock.advance(by: OrderLimits.week)
            try await scene.perform("acme.rotate", ["force": true], step: 7)
            #expect(scene.authority.orderCount == 6)
        }
    }

    @Test func `a CA that is down for a week loses nothing and is asked once at each look`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            scene.clock.advance(by: .seconds(70 * 86_400))
            scene.authority.failures.counts[.unavailable] = FailureCount()
            for look in 0..<14 {
                let before = scene.authority.received.count
                let failure = await scene.failure([:], step: 2 + look)
                #expect(failure?.message.contains("503") == true)
                #expect(scene.authority.received.count - before < 10)
                scene.clock.advance(by: .seconds(43_200))
            }
            #expect(RotationScene.serial(scene.first) == scene.serials[0])
            let record = try await scene.record()
            let failed = try #require(record.failure)
            #expect(failed.at.since(failed.since) > .seconds(6 * 86_400))
            scene.authority.failures.counts = [:]
            try await scene.perform("acme.rotate", [:], step: 20)
            #expect(scene.serials.count == 2)
            try await expectEverywhere(scene)
        }
    }

    @Test func `a clock far ahead orders no more than the limits let it`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            scene.clock.jump(to: scene.clock.now.advanced(by: .seconds(400 * 86_400)))
            for step in 2...12 { _ = try? await scene.perform("acme.rotate", [:], step: step) }
            #expect(scene.authority.orderCount <= 6)
        }
    }

    @Test func `no key stands in the ledger, in a plan or in what is told`() async throws {
        try await RotationScene.run { scene in
            let plan = try await scene.plan()
            let output = try await scene.perform()
            var texts = [scene.told, output.canonicalText, "\(plan)"]
            for key in scene.kept.keys { texts.append(try await scene.kept.value(key)?.value?.canonicalText ?? "") }
            for text in texts { #expect(!text.contains("PRIVATE KEY")) }
            let all = try await scene.secrets.all()
            #expect(all.keys.sorted().first == "acme-account-\(all.keys.sorted()[0].suffix(8))")
            #expect(all["certificate-api"]?.reveal().hasPrefix("-----BEGIN PRIVATE KEY-----\n") == true)
        }
    }

    @Test func `the one before can be revoked, and only that`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            let early = await #expect(throws: ActionError.self) {
                try await scene.perform("acme.revoke", ["name": "api"], step: 2)
            }
            #expect(early?.message.contains("no certificate before") == true)
            try await scene.perform("acme.rotate", ["force": true], step: 3)
            try await scene.perform("acme.revoke", ["name": "api", "reason": "key-compromise"], step: 4)
            try await scene.perform("acme.revoke", ["name": "api", "reason": "key-compromise"], step: 4)
            #expect(scene.authority.issued.map(\.revokedFor) == [1, nil])
        }
    }

    @Test func `the account gets another key, once for each step, and goes on with it`() async throws {
        try await RotationScene.run { scene in
            try await scene.perform()
            try await scene.perform("acme.change-key", [:], step: 2)
            try await scene.perform("acme.change-key", [:], step: 2)
            #expect(scene.authority.received.filter { $0 == "keyChange 200" }.count == 1)
            try await scene.perform("acme.rotate", ["force": true], step: 3)
            #expect(scene.authority.contacts.count == 1)
            try await expectEverywhere(scene)
        }
    }

    // MARK: Crashes

    private static let cases = 8

    @Test(arguments: 1...RotationTests.cases)
    func `a bot that dies once, wherever it is, makes no second order and loses no certificate`(part: Int) async throws
    {
        var length = part
        var isLast = false
        while !isLast {
            let dying = length
            isLast = try await RotationScene.run { scene in
                let hint: Comment = "it died after exchange \(dying)"
                var livedOn = try await scene.live(dying, [:], step: 1)
                let end = livedOn
                if !livedOn { livedOn = try await scene.live(nil, [:], step: 1) }
                #expect(livedOn, hint)
                // A proof that the CA looks for while nobody answers ends its order; there is never another reason for one more.
                #expect(scene.authority.orderCount <= 2 && scene.authority.issued.count == 1, hint)
                try await expectEverywhere(scene, hint)
                return end
            }
            length += RotationTests.cases
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a bot that dies again and again, with answers lost, renews once and serves the old one until then`(
        seed: UInt64
    ) async throws {
        var dice = Dice(seed: seed)
        let lengths = (0..<12).map { _ in dice.number(1...12) }
        try await RotationScene.run { scene in
            try await scene.perform()
            let old = scene.serials.first
            scene.authority.failures.counts = [
                .resetAfterwards: FailureCount(2), .reset: FailureCount(1), .unavailable: FailureCount(1),
                .badNonce: FailureCount(2),
            ]
            var isDone = false
            for length in lengths where !isDone {
                isDone = try await scene.live(length, ["force": true], step: 2)
                let record = try await scene.record()
                if record.current?.serialNumber == old { #expect(RotationScene.serial(scene.second) != nil) }
            }
            if !isDone { isDone = try await scene.live(nil, ["force": true], step: 2) }
            #expect(isDone, "seed \(seed)")
            #expect(scene.authority.issued.count == 2, "seed \(seed)")
            try await expectEverywhere(scene, "seed \(seed)")
        }
    }
}
