import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// The remedies of a rule that follow one after the other.
@Suite struct LadderTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    let alerts = ScriptedAlerts()

    init() throws { folder = try TemporaryFolder() }

    private func command(_ name: String) throws -> CommandDefinition {
        try Samples.command(
            name, [Samples.step("one", what: "\(name) {{arguments.node}}", attempts: 1)],
            arguments: [Samples.argument("node", .text(nil))])
    }

    private func definitions(
        without missing: String? = nil, verify: VerifyDefinition? = nil, _ guards: (inout Guards) -> Void = { _ in }
    ) throws -> DefinitionSet {
        let node = ["node": "{{node}}"]
        let rule = try Samples.rule(
            "down", run: "restart", with: node, verify: verify,
            otherwise: [Samples.remedy("resync", with: node), Samples.remedy("replace", with: node)],
            escalate: [Place(channel: "chat", address: "#oncall")], guards)
        return Samples.set(
            try ["restart", "resync", "replace"].filter { $0 != missing }.map(command), rules: [rule])
    }

    private func run(
        _ definitions: DefinitionSet, crashes: Bool = false, limits: Limits = Limits(),
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, limits: limits, alerts: alerts,
            crashes: crashes, body)
    }

    private let no = ActionError("no")

    @Test
    func
        `A remedy that fails is followed by the next, with the same variables, and after the last people are called once`()
        async throws
    {
        let start = time.now
        for name in ["restart", "resync", "replace"] { actions.answer("\(name) geth-0", .failure(no)) }
        try await run(try definitions()) { bot in
            try await bot.alert("geth-0", startedAt: start)
            let last = try #require(try await bot.job(3, in: .failed))
            #expect(actions.calls.map(\.what) == ["restart geth-0", "resync geth-0", "replace geth-0"])
            let jobs = try await bot.ledger.jobs(JobFilter(eventID: last.eventID)).sorted { $0.id < $1.id }
            #expect(jobs.map(\.commandLine) == ["restart geth-0", "resync geth-0", "replace geth-0"])
            #expect(jobs.map(\.ladder?.words) == ["remedy 1 of 3", "remedy 2 of 3", "remedy 3 of 3"])
            #expect(jobs.map(\.ladder?.before) == [nil, 1, 2])
            #expect(jobs.map(\.ladder?.next) == [2, 3, nil])
            #expect(Set(jobs.map(\.requester.description)) == ["rule down"])
            #expect(jobs.allSatisfy { $0.variables == jobs[0].variables && $0.alertFingerprint == "f-geth-0" })
            #expect(await bot.message("followed by remedy 2 of 3: job 2") != nil)
            #expect(await bot.message("Remedy: 2 of 3, since job 1 did not help") != nil)
            let called = try #require(await bot.message("Needs a person", in: "#oncall"))
            #expect(called.contains("replace geth-0"))
            #expect(called.contains("that was the last of 3 remedies"))
            #expect(try await bot.ledger.audit(AuditFilter(kind: "escalation.called")).map(\.subject) == ["job/3"])
            #expect(bot.outlet.latest(in: "#oncall").count == 1)
        }
    }

    @Test func `A remedy that helps ends the ladder`() async throws {
        let start = time.now
        actions.answer("restart geth-0", .failure(no))
        try await run(try definitions()) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.type("restart geth-1")
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["restart geth-0", "resync geth-0", "restart geth-1"])
            #expect(bot.outlet.latest(in: "#oncall").isEmpty)
        }
    }

    @Test func `A remedy whose effect is missing is followed by the next`() async throws {
        let start = time.now
        let verify = VerifyDefinition(alertResolvedWithinMilliseconds: 60_000)
        try await run(try definitions(verify: verify)) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.jobInTime(1, in: .failed))
            _ = try #require(try await bot.job(2, in: .verifying))
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `Nothing follows when the alert is over`() async throws {
        let start = time.now
        actions.answer("restart geth-0", .failure(no))
        alerts.say(false)
        try await run(try definitions()) { bot in
            try await bot.alert("geth-0", startedAt: start)
            let job = try #require(try await bot.job(1, in: .failed))
            #expect(job.reason?.contains("no further remedy (2 would be left): the alert is over") == true)
            // Told, but nobody has to stop a call.
            let called = try #require(await bot.message("Needs a person", in: "#oncall"))
            #expect(!called.contains("/defimon ack"))
            #expect(try await bot.ledger.job(id: 2) == nil)
        }
    }

    @Test(arguments: [IfUnknown.ask, .go, .stop])
    func `Where nobody can say how the alert is the rule decides`(ifUnknown: IfUnknown) async throws {
        let start = time.now
        actions.answer("restart geth-0", .failure(no))
        alerts.say(nil)
        try await run(try definitions { $0.ifUnknown = ifUnknown }) { bot in
            try await bot.alert("geth-0", startedAt: start)
            let job = try #require(try await bot.job(1, in: .failed))
            if ifUnknown == .go {
                _ = try #require(try await bot.job(2, in: .succeeded))
            } else {
                #expect(job.reason?.contains("nobody can say whether the alert still fires") == true)
                #expect(await bot.message("Needs a person", in: "#oncall") != nil)
                #expect(try await bot.ledger.job(id: 2) == nil)
            }
        }
    }

    @Test func `Nothing follows a job that was cancelled`() async throws {
        let start = time.now
        actions.close("restart geth-0")
        try await run(try definitions()) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.type("cancel 1")
            let job = try #require(try await bot.job(1, in: .cancelled))
            #expect(job.ladder?.next == nil)
            try await bot.type("resync geth-1")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(bot.outlet.latest(in: "#oncall").isEmpty)
        }
    }

    @Test func `The guards of the rule hold for every remedy`() async throws {
        let start = time.now
        let rule = try Samples.rule(
            "down", run: "restart", with: ["node": "{{node}}"],
            otherwise: [Samples.remedy("restart", with: ["node": "{{node}}"])],
            escalate: [Place(channel: "chat", address: "#oncall")]
        ) { $0.cooldownMilliseconds = 60_000 }
        actions.answer("restart geth-0", .failure(no), .failure(no))
        try await run(Samples.set([try command("restart")], rules: [rule])) { bot in
            try await bot.alert("geth-0", startedAt: start)
            let job = try #require(try await bot.job(1, in: .failed))
            #expect(job.reason?.contains("in cooldown until") == true)
            #expect(await bot.message("Needs a person", in: "#oncall") != nil)
            #expect(try await bot.ledger.job(id: 2) == nil)
        }
    }

    @Test func `A remedy whose command is gone after a reload is none, and people are called`() async throws {
        let start = time.now
        actions.close("restart geth-0")
        try await run(try definitions(), crashes: true) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = await eventually { actions.calls.count == 1 ? true : nil }
        }
        actions.answer("restart geth-0", .failure(no))
        actions.open("restart geth-0")
        try await run(try definitions(without: "resync")) { bot in
            let job = try #require(try await bot.job(1, in: .failed))
            #expect(job.reason?.contains("there is no command 'resync' any more") == true)
            #expect(await bot.message("Needs a person", in: "#oncall") != nil)
        }
    }

    private struct FailingAction: RepeatableAction {
        func perform(_ context: ActionContext) async throws -> JSONValue { throw ActionError("no") }
    }

    @Test(arguments: [1, 2, 3, 4]) func `A crash at any point neither leaves a remedy out nor makes one twice`(
        seed: UInt64
    )
        async throws
    {
        let start = time.now
        var dice = Dice(seed: seed)
        let failing = ActionType("test.fail", "Fails", effect: .reads) { _ in FailingAction() }
        let commands = try ["restart", "resync", "replace"].map { name in
            var step = try Samples.step("one", "test.fail")
            step.input = LocatedValue([:] as JSONValue, at: Samples.place)
            return try Samples.command(name, [step])
        }
        let rule = try Samples.rule(
            "down", run: "restart", otherwise: [Samples.remedy("resync"), Samples.remedy("replace")],
            escalate: [Place(channel: "chat", address: "#oncall")])
        let definitions = Samples.set(commands, rules: [rule])
        var records: Int64 = 0
        var isOver = false
        try await Harness.recordOnly(
            folder, time: time,
            [
                "alert": "geth-0", "status": "firing", "fingerprint": "f", "startsAt": .int(start.microseconds),
                "endsAt": .null,
            ])
        while !isOver {
            records += Int64(dice.number(1...4))
            let target = records
            try await Harness.run(
                definitions, actions: [failing], in: folder, time: time, alerts: alerts, crashes: true
            ) { bot in
                let found = try await eventually { () -> Bool? in
                    if try await bot.ledger.job(id: 3)?.state == .failed { return true }
                    let latest = try await bot.ledger.audit(AuditFilter(limit: 1)).first?.sequence ?? 0
                    return latest >= target ? false : nil
                }
                #expect(found != nil)
                isOver = found ?? true
                records = max(records, try await bot.ledger.audit(AuditFilter(limit: 1)).first?.sequence ?? 0)
            }
        }
        try await Harness.run(definitions, actions: [failing], in: folder, time: time, alerts: alerts) { bot in
            let last = try #require(try await bot.job(3, in: .failed))
            let jobs = try await bot.ledger.jobs(JobFilter(eventID: last.eventID)).sorted { $0.id < $1.id }
            #expect(jobs.map(\.ladder?.rung) == [1, 2, 3])
            #expect(jobs.map(\.command) == ["restart", "resync", "replace"])
            #expect(try await bot.ledger.audit(AuditFilter(kind: "escalation.called")).count == 1)
        }
    }
}
