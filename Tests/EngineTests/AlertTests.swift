import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What becomes of alerts.
@Suite struct AlertTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func definitions(
        verify: VerifyDefinition? = nil, escalate: [Place] = [], _ guards: (inout Guards) -> Void = { _ in }
    ) throws -> DefinitionSet {
        let command = try Samples.command(
            "restart", [Samples.step("one", what: "{{arguments.node}}")],
            arguments: [Samples.argument("node", .text(nil))])
        let rule = try Samples.rule(
            "down", run: "restart", with: ["node": "{{node}}"], verify: verify, escalate: escalate, guards)
        return Samples.set([command], rules: [rule])
    }

    private func run(_ definitions: DefinitionSet, _ body: (Harness) async throws -> Void) async throws {
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, body)
    }

    @Test func `An alert runs its rule's command once, however often it is resent or its start moves`() async throws {
        try await run(definitions()) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(60))
            try await bot.alert("geth-0")
            try await bot.alert("geth-0", startedAt: time.now.advanced(by: .seconds(-5)))
            try await bot.alert("geth-1")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["geth-0", "geth-1"])
        }
    }

    @Test func `A new episode runs it again, a late firing of the closed one does not`() async throws {
        let start = time.now
        try await run(definitions()) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(60))
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            try await bot.alert("geth-0", startedAt: start.advanced(by: .seconds(1)))
            time.advance(by: .seconds(60))
            try await bot.alert("geth-0", startedAt: time.now)
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(actions.calls.count == 2)
            let events = try await bot.ledger.events(limit: 10, before: nil)
            #expect(events.contains { $0.explanation["starts_nothing"]?.stringValue?.contains("after it") ?? false })
        }
    }

    @Test func `An alert must have fired for as long as the guard says`() async throws {
        try await run(definitions { $0.firingForMilliseconds = 120_000 }) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .held))
            let began = time.now
            let job = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(try #require(job.startedAt).timeIntervalSince(began) >= 120)
        }
    }

    @Test func `A flap that resolves before that runs nothing`() async throws {
        let start = time.now
        try await run(definitions { $0.firingForMilliseconds = 120_000 }) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .held))
            time.advance(by: .seconds(60))
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            _ = try #require(try await bot.job(1, in: .cancelled))
            time.advance(by: .seconds(120))
            #expect(actions.calls.isEmpty)
        }
    }

    @Test func `A hundred flaps are told to nobody, and the alert that stays is told when its job begins`() async throws
    {
        try await run(definitions { $0.firingForMilliseconds = 120_000 }) { bot in
            for number in 1...100 {
                let start = time.now
                try await bot.alert("geth-0", startedAt: start)
                _ = try #require(try await bot.job(JobID(number), in: .held))
                time.advance(by: .seconds(4))
                try await bot.alert("geth-0", isFiring: false, startedAt: start)
                _ = try #require(try await bot.job(JobID(number), in: .cancelled))
                time.advance(by: .seconds(2))
            }
            try await bot.alert("geth-0", startedAt: time.now)
            _ = try #require(try await bot.job(101, in: .held))
            #expect(bot.outlet.latest(in: "#ops").isEmpty)
            _ = try #require(try await bot.jobInTime(101, in: .succeeded))
            _ = try #require(await bot.messageInTime("job 101 · succeeded"))
            #expect(bot.outlet.latest(in: "#ops").count == 1)
            #expect(actions.calls.count == 1)
        }
    }

    @Test func `No second run inside the cooldown, counted from the end of the job`() async throws {
        try await run(definitions { $0.cooldownMilliseconds = 900_000 }) { bot in
            try await bot.alert("geth-0", startedAt: time.now)
            let job = try #require(try await bot.job(1, in: .succeeded))
            for minutes in [5, 9] {
                time.advance(by: .seconds(minutes * 60))
                try await bot.alert("geth-0", isFiring: false, startedAt: job.createdAt)
                time.advance(by: .seconds(1))
                try await bot.alert("geth-0", startedAt: time.now)
            }
            #expect(
                try await eventually {
                    // Of both: one that is looked at later would be past it.
                    try await bot.ledger.events(limit: 10, before: nil).count {
                        $0.explanation["rules"]?.at(path: "0.decision")?.stringValue?.contains("in cooldown") ?? false
                    } == 2 ? true : nil
                } == true)
            time.advance(by: .seconds(120))
            try await bot.alert("geth-0", isFiring: false, startedAt: job.createdAt)
            time.advance(by: .seconds(1))
            try await bot.alert("geth-0", startedAt: time.now)
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(actions.calls.count == 2)
        }
    }

    @Test func `A resolve cancels before the first change, and is only noted after it`() async throws {
        let start = time.now
        try await run(definitions { $0.cancelOnResolve = true }) { bot in
            actions.close("geth-0")
            try await bot.alert("geth-0", startedAt: start)
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            _ = try await eventually { try await bot.ledger.episode(fingerprint: "f-geth-0")?.resolvedAt }
            actions.open("geth-0")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `A resolve while a step only looks cancels the job before it changes anything`() async throws {
        let start = time.now
        let command = try Samples.command(
            "restart", [Samples.step("look", "test.look"), Samples.step("one", what: "{{arguments.node}}")],
            arguments: [Samples.argument("node", .text(nil))])
        let rule = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"]) { $0.cancelOnResolve = true }
        try await run(Samples.set([command], rules: [rule])) { bot in
            actions.close("look")
            try await bot.alert("geth-0", startedAt: start)
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            let job = try #require(try await bot.job(1, in: .cancelled))
            #expect(job.cancelledBy == "the resolved alert")
            #expect(actions.calls.map(\.what) == ["look"])
        }
    }

    @Test func `A remedy is proven by the resolve, else people are called`() async throws {
        let oncall = Place(channel: "chat", address: "#oncall")
        let verify = VerifyDefinition(alertResolvedWithinMilliseconds: 60_000)
        let start = time.now
        try await run(definitions(verify: verify, escalate: [oncall])) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .verifying))
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.alert("geth-1", startedAt: start)
            _ = try #require(try await bot.job(2, in: .verifying))
            let waiting = try #require(try await bot.ledger.job(id: 2))
            let ended = try #require(try await bot.jobInTime(2, in: .failed))
            #expect(try #require(ended.endedAt) >= #require(waiting.verifyBy))
            #expect(await bot.message("Needs a person", in: "#oncall") != nil)
        }
    }

    @Test func `A delivery that cannot be understood is kept and told`() async throws {
        try await run(definitions()) { bot in
            try await bot.deliver(["odd": true])
            #expect(await bot.message("could not be understood") != nil)
            #expect(try await bot.ledger.delivery(rowID: 1)?.state == .undecodable)
        }
    }
}
