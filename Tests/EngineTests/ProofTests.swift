import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// What proves that a job had its effect.
@Suite struct ProofTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func run(
        _ definitions: DefinitionSet, alerts: ScriptedAlerts? = nil, crashes: Bool = false,
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types + [Self.untilType], in: folder, time: time, alerts: alerts,
            crashes: crashes, body)
    }

    /// `test.until` succeeds from a time on, in microseconds.
    private static let untilType = ActionType("test.until", "Looks at the time", effect: .reads) {
        UntilAction(time: $0.integer("time", "When", in: 0...Int.max))
    }

    private struct UntilAction: RepeatableAction {
        var time: Int
        func perform(_ context: ActionContext) async throws -> JSONValue {
            guard context.time.now.microseconds >= time else { throw ActionError("it is too early") }
            return ["summary": "the time has come"]
        }
    }

    private func until(_ date: Date, within: Int64, every: Int64) -> VerifyCheck {
        VerifyCheck(
            action: "test.until", input: ["time": .int(date.microseconds)], withinMilliseconds: within * 1000,
            everyMilliseconds: every * 1000)
    }

    private func command(_ checks: VerifyCheck...) throws -> CommandDefinition {
        try Samples.command(
            "deploy", [Samples.step("one")], lock: "pool/x", verify: VerifyDefinition(checks: checks))
    }

    @Test func `A command's own check is tried until it succeeds, without locks, and its answers are said`()
        async throws
    {
        let no = ActionError("3 of 5 answer")
        actions.answer("w", .failure(no), .failure(no))
        try await run(Samples.set([try command(Samples.check("w", within: 600))])) { bot in
            try await bot.type("deploy")
            let waiting = try #require(try await bot.job(1, in: .verifying))
            #expect(try await bot.ledger.heldLocks().isEmpty)
            #expect(await bot.message("for test.look (3 of 5 answer)") != nil)
            #expect(waiting.verifyBy == waiting.startedAt?.advanced(by: .seconds(600)))
            #expect(try await Explainer(reader: bot.ledger).explain("1").report.plainText.contains("3 of 5 answer"))
            let job = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(job.reason == "test.look: did w")
            #expect(actions.calls(of: "look").count == 3)
            #expect(try #require(job.endedAt).since(try #require(job.startedAt)) >= .seconds(30))
            #expect(await bot.message("test.look: did w") != nil)
        }
    }

    @Test(arguments: [
        (Duration.zero, JobState.succeeded), (.milliseconds(1), .failed),
    ])
    func `What shows at the last moment counts, and a moment later it does not`(late: Duration, state: JobState)
        async throws
    {
        let end = time.now.advanced(by: .seconds(60))
        let check = until(end.advanced(by: late), within: 60, every: 7)
        let other = try Samples.command("other", [Samples.step("two")])
        try await run(Samples.set([try command(check), other])) { bot in
            try await bot.type("deploy")
            _ = await eventually {
                try? await bot.ledger.job(id: 1)?.proof?.checks.first?.answer == nil ? nil : true
            }
            time.advance(by: .seconds(60))
            // Whoever begins to wait only now is woken by a new job.
            try await bot.type("other")
            let job = try #require(try await bot.job(1, in: .succeeded, .failed))
            #expect(job.state == state)
            #expect(job.endedAt == end)
            if state == .failed {
                #expect(job.reason == "all steps were done, but test.until did not succeed: it is too early")
                #expect(await bot.message("it is too early") != nil)
            }
        }
    }

    @Test func `The alert and a check must both hold, whichever comes first`() async throws {
        let start = time.now
        let verify = VerifyDefinition(
            alertResolvedWithinMilliseconds: 600_000, checks: [Samples.check("w", within: 600)])
        let restart = try Samples.command(
            "restart", [Samples.step("one")], arguments: [Samples.argument("node", .text(nil))])
        let rule = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"], verify: verify)
        let no = ActionError("not in sync")
        actions.answer("w", .failure(no), .failure(no), .failure(no))
        try await run(Samples.set([restart], rules: [rule])) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .verifying))
            #expect(await bot.message("not in sync") != nil)
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            _ = await eventually { try? await bot.ledger.job(id: 1)?.proof?.isAlertResolved == true ? true : nil }
            #expect(try await bot.ledger.job(id: 1)?.state == .verifying)
            let job = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(job.reason == "the alert resolved; test.look: did w")
            // The other way round.
            try await bot.alert("geth-1", startedAt: start)
            _ = await eventually {
                try? await bot.ledger.job(id: 2)?.proof?.checks.first?.isPassed == true ? true : nil
            }
            #expect(try await bot.ledger.job(id: 2)?.state == .verifying)
            try await bot.alert("geth-1", isFiring: false, startedAt: start)
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `After a crash it goes on with the same end, and looks once more when that is over`() async throws {
        let check = until(time.now.advanced(by: .seconds(3600)), within: 60, every: 60)
        let definitions = Samples.set([try command(check)])
        var end: Date?
        try await run(definitions, crashes: true) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .verifying))
            #expect(await bot.message("it is too early") != nil)
            end = try await bot.ledger.job(id: 1)?.verifyBy
        }
        time.advance(by: .seconds(30))
        try await run(definitions, crashes: true) { bot in
            let job = try #require(try await bot.job(1, in: .verifying))
            #expect(job.verifyBy == end)
            #expect(job.proof?.checks.first?.by == end)
        }
        time.advance(by: .seconds(3570))
        try await run(definitions) { bot in
            let job = try #require(try await bot.job(1, in: .succeeded))
            #expect(job.reason == "test.until: the time has come")
        }
    }

    @Test func `Cancelled, it is looked at no more`() async throws {
        actions.close("w")
        try await run(Samples.set([try command(Samples.check("w", within: 600, every: 1))])) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "look").count == 1 ? true : nil }
            try await bot.type("cancel 1")
            let job = try #require(try await bot.job(1, in: .cancelled))
            #expect(job.reason == "cancelled by olivia after all steps")
            actions.open("w")
            for _ in 0..<20 { time.advance(by: .seconds(10)) }
            try await bot.type("deploy")
            _ = try #require(try await bot.jobInTime(2, in: .succeeded))
            #expect(actions.calls(of: "look").count == 2)
        }
    }

    @Test func `A look that does not answer is broken off, and the next one is made`() async throws {
        actions.close("w")
        try await run(Samples.set([try command(Samples.check("w", within: 600))])) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "look").count == 1 ? true : nil }
            _ = await eventually {
                time.advance(by: .seconds(1))
                return outletSays(bot, "no answer within 1 min") ? true : nil
            }
            #expect(outletSays(bot, "no answer within 1 min"), "\(bot.outlet.latest(in: "#ops"))")
            actions.open("w")
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
        }
    }

    private func outletSays(_ bot: Harness, _ text: String) -> Bool {
        bot.outlet.latest(in: "#ops").contains { $0.contains(text) }
    }

    @Test func `A template in what came from outside is none in a check's inputs`() async throws {
        let start = time.now
        var check = Samples.check("{{node}}", within: 60)
        check.input = ["what": "{{node}}"]
        let restart = try Samples.command("restart", [Samples.step("one")])
        let rule = try Samples.rule("down", run: "restart", verify: VerifyDefinition(checks: [check]))
        try await run(Samples.set([restart], rules: [rule])) { bot in
            try await bot.alert("{{job.requester}}", startedAt: start)
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls(of: "look").map(\.what) == ["{{job.requester}}"])
        }
    }

    @Test func `A plan proves nothing`() async throws {
        try await run(Samples.set([try command(Samples.check("w", within: 600))])) { bot in
            try await bot.type("deploy --plan")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls(of: "look").isEmpty)
        }
    }

    @Test(arguments: [IfUnknown.ask, .go, .stop])
    func `An alert of which nobody can say how it is proves nothing, and people are called only when they are asked`(
        ifUnknown: IfUnknown
    ) async throws {
        let start = time.now
        let restart = try Samples.command("restart", [Samples.step("one")])
        let rule = try Samples.rule(
            "down", run: "restart", verify: VerifyDefinition(alertResolvedWithinMilliseconds: 60_000)
        ) { $0.ifUnknown = ifUnknown }
        let alerts = ScriptedAlerts()
        alerts.say(nil)
        try await run(Samples.set([restart], rules: [rule]), alerts: alerts) { bot in
            try await bot.alert("geth-0", startedAt: start)
            let job = try #require(try await bot.jobInTime(1, in: .failed))
            #expect(
                job.reason
                    == "all steps were done, but nobody can say whether the alert still fires: it does not answer")
            let called = try await bot.ledger.audit(AuditFilter(kind: "escalation.called"))
            #expect(called.count == (ifUnknown == .ask ? 1 : 0))
        }
    }

    @Test(arguments: [true, false])
    func `A silenced alert sends no resolve, so Alertmanager is asked when the time is over`(isFiring: Bool)
        async throws
    {
        let start = time.now
        let restart = try Samples.command("restart", [Samples.step("one")])
        let rule = try Samples.rule(
            "down", run: "restart", verify: VerifyDefinition(alertResolvedWithinMilliseconds: 60_000))
        let alerts = ScriptedAlerts()
        alerts.say(isFiring)
        try await run(Samples.set([restart], rules: [rule]), alerts: alerts) { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .verifying))
            #expect(alerts.asked == 0)
            let job = try #require(try await bot.jobInTime(1, in: .succeeded, .failed))
            #expect(job.state == (isFiring ? .failed : .succeeded))
            #expect(alerts.asked == 1)
        }
    }
}

/// Says of every alert what a test says; nil: it does not answer.
final class ScriptedAlerts: AlertDirectory {
    struct Silent: Error, CustomStringConvertible { var description: String { "it does not answer" } }
    private let state = Mutex((answer: Bool?.some(true), asked: 0))
    private let groups = Mutex<[AlertGroupReference]>([])

    func say(_ isFiring: Bool?) { state.withLock { $0.answer = isFiring } }
    var asked: Int { state.withLock { $0.asked } }

    /// The groups that were asked about.
    var askedGroups: [AlertGroupReference] { groups.withLock { $0 } }

    func isFiring(group: AlertGroupReference) async throws -> Bool {
        groups.withLock { $0.append(group) }
        return try await isFiring(fingerprint: "")
    }

    func isFiring(fingerprint: String) async throws -> Bool {
        let answer = state.withLock { state in
            state.asked += 1
            return state.answer
        }
        guard let answer else { throw Silent() }
        return answer
    }
}
