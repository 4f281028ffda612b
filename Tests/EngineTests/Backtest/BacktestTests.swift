import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What a rule would have done, over what a bot recorded.
@Suite struct BacktestTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func rule(_ name: String = "down", run: String = "restart", _ guards: (inout Guards) -> Void = { _ in })
        throws -> RuleDefinition
    {
        try Samples.rule(name, run: run) {
            $0.per = "{{node}}"
            guards(&$0)
        }
    }

    private func set(_ rules: [RuleDefinition], lock: String? = nil) throws -> DefinitionSet {
        Samples.set(
            [
                try Samples.command("restart", [Samples.step("node")], lock: lock),
                try Samples.command("deploy", [Samples.step("pool")], lock: "pool/analytics"),
            ], rules: rules)
    }

    private func run(_ definitions: DefinitionSet, _ body: (Harness) async throws -> Void) async throws {
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, body)
    }

    /// An alert that fires, leads to a job, and resolves a minute later.
    private func episode(_ bot: Harness, _ job: JobID, _ node: String = "geth-0") async throws {
        try await bot.alertLookedAt(node)
        _ = try #require(try await bot.job(job, in: .succeeded, .failed))
        time.advance(by: .seconds(60))
        try await bot.alertLookedAt(node, isFiring: false)
        time.advance(by: .seconds(60))
    }

    @Test func `An edited rule is tried on the recorded past, and differs where it would have decided otherwise`()
        async throws
    {
        let loaded = try rule()
        try await run(try set([loaded])) { bot in
            for job in 1...3 { try await episode(bot, JobID(job)) }
            let same = try await bot.backtest(loaded, actions)
            #expect(same.decisions.map(\.decision) == ["job 1", "job 2", "job 3"])
            #expect(same.summary.same == 3 && same.summary.runs == 3)
            // Two minutes are between a run's end and the next alert.
            let edge = try rule { $0.cooldownMilliseconds = 120_000 }
            #expect(try await bot.backtest(edge, actions).summary.runs == 3)
            let edited = try rule { $0.cooldownMilliseconds = 120_001 }
            let result = try await bot.backtest(edited, actions)
            #expect(result.decisions.map(\.kind) == [.run, .refuse, .run])
            #expect(result.decisions[1].decision.hasPrefix("in cooldown until "))
            #expect(result.summary.keptBy == ["cooldown": 1] && result.summary.different == 1)
            let text = result.decisions[1].lines.joined(separator: "\n")
            #expect(text.contains("≠ Down geth-0  (delivery/3)"))
            #expect(text.contains("✗ guard cooldown: in cooldown until"))
            #expect(text.contains("the bot: otherwise: job 2"))
            // Nothing of it is in the ledger.
            #expect(try await bot.ledger.jobs(JobFilter()).count == 3)
        }
    }

    @Test func `The limit opens the breaker in a backtest too, and a person's closing counts as it was`() async throws {
        let loaded = try rule { $0.limit = StartLimit(count: 2, perMilliseconds: 86_400_000) }
        try await run(try set([loaded])) { bot in
            for job in 1...2 { try await episode(bot, JobID(job)) }
            try await bot.alertLookedAt()
            try await bot.alertLookedAt(isFiring: false)
            time.advance(by: .seconds(60))
            try await bot.type("breaker close restart geth-0")
            _ = try #require(
                try await eventually {
                    try await bot.ledger.audit(AuditFilter(kind: "breaker.closed")).first
                })
            time.advance(by: .seconds(60))
            try await episode(bot, 3)
            let result = try await bot.backtest(loaded, actions)
            #expect(result.decisions.map(\.kind) == [.run, .run, .refuse, .run])
            #expect(result.summary.same == 4 && result.summary.keptBy == ["limit": 1])
            // With the breaker opened before the span, nobody counts in it.
            let from = try #require(result.decisions.last).at.advanced(by: .seconds(-90))
            let later = try await bot.backtest(loaded, actions, from: from)
            #expect(later.decisions.map(\.kind) == [.run])
        }
    }

    @Test func `A rule that only observes is tried as if it acted, with runs of a guessed length`() async throws {
        var watching = try rule { $0.cooldownMilliseconds = 600_000 }
        watching.onlyObserves = true
        try await run(try set([watching])) { bot in
            try await bot.alertLookedAt()
            time.advance(by: .seconds(59))
            try await bot.alertLookedAt(isFiring: false)
            // A run of one minute has not ended yet.
            try await bot.alertLookedAt()
            try await bot.alertLookedAt(isFiring: false)
            time.advance(by: .seconds(1))
            try await bot.alertLookedAt()
            let result = try await bot.backtest(watching, actions)
            #expect(result.decisions.map(\.kind) == [.run, .refuse, .refuse])
            #expect(result.decisions[1].decision == "run 1 is under way for the same 'geth-0'")
            #expect(result.decisions[2].decision.hasPrefix("in cooldown until "))
            #expect(result.decisions[0].actual?.isSame == true)
            #expect(
                result.summary.assumptions == [
                    "a run of 'restart' takes 1 min: no job of it has ended yet, so that is a guess"
                ])
        }
    }

    @Test func `A run whose alert resolves while it is held never begins`() async throws {
        let loaded = try rule { $0.firingForMilliseconds = 120_000 }
        try await run(try set([])) { bot in
            let begin = time.now
            try await bot.alertLookedAt(startedAt: begin)
            time.advance(by: .seconds(119))
            try await bot.alertLookedAt(isFiring: false)
            time.advance(by: .seconds(600))
            let second = time.now
            try await bot.alertLookedAt(startedAt: second)
            time.advance(by: .seconds(600))
            let result = try await bot.backtest(loaded, actions)
            #expect(result.decisions.map(\.kind) == [.hold, .hold])
            #expect(result.decisions[0].beganAt == nil && result.decisions[0].endState == .cancelled)
            #expect(result.decisions[1].beganAt == second.advanced(by: .seconds(120)))
            #expect(result.summary.heldBy == ["firing_for": 2] && result.summary.keptBy == ["the alert's end": 1])
            // The bot had no such rule.
            #expect(result.summary.notCompared == 2)
            let lines = result.decisions[0].lines.joined(separator: "\n")
            #expect(lines.contains("never began: the alert resolved before the job began"))
            #expect(lines.contains("the bot: had no such rule then"))
        }
    }

    @Test func `What other jobs did is taken as it was`() async throws {
        let waiting = try rule {
            $0.holdWhile = ["deploy"]
            $0.firingForMilliseconds = nil
        }
        try await run(try set([])) { bot in
            actions.close("pool")
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.alertLookedAt()
            time.advance(by: .seconds(300))
            actions.open("pool")
            let deploy = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(300))
            let result = try await bot.backtest(waiting, actions)
            let decision = try #require(result.decisions.first)
            #expect(decision.later == ["waits while job 1 (deploy) works there"])
            #expect(decision.beganAt == deploy.endedAt)
            #expect(result.summary.heldBy == ["hold_while": 1])
        }
    }

    @Test func `Freezes and maintenances hold in a backtest as long as people had them`() async throws {
        let loaded = try rule { $0.maintenance = .queue }
        try await run(try set([loaded], lock: "pool/analytics")) { bot in
            try await bot.type("freeze something is odd")
            try await bot.alertLookedAt()
            _ = try #require(try await bot.job(1, in: .held))
            time.advance(by: .seconds(100))
            try await bot.type("thaw")
            let first = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(100))
            try await bot.alertLookedAt(isFiring: false)
            try await bot.type(#"maintenance analytics 1h "disk swap""#)
            try await bot.lookedAt()
            time.advance(by: .seconds(10))
            try await bot.alertLookedAt()
            _ = try #require(try await bot.job(2, in: .held))
            time.advance(by: .seconds(100))
            try await bot.type("maintenance analytics end")
            let second = try #require(try await bot.job(2, in: .succeeded))
            time.advance(by: .seconds(100))
            let result = try await bot.backtest(loaded, actions)
            #expect(result.summary.same == 2 && result.summary.different == 0)
            #expect(result.decisions.map(\.beganAt) == [first.startedAt, second.startedAt])
            #expect(result.decisions[0].later.first == "frozen by olivia: something is odd")
            #expect(result.summary.heldBy["maintenance"] == 1)
        }
    }

    @Test func `Where people would be asked, what they said is what counts`() async throws {
        let asking = try rule { $0.windows = nil }
        var definitions = try set([asking])
        definitions.commands["restart"]?.approvals = [ApprovalDefinition(from: ["operator"], location: Samples.place)]
        try await run(definitions) { bot in
            try await bot.alertLookedAt()
            let waiting = try #require(
                try await eventually {
                    try await bot.ledger.job(id: 1).flatMap { $0.approval?.plan == nil ? nil : $0 }
                })
            #expect(waiting.state == .waitingApproval)
            time.advance(by: .seconds(60))
            try await bot.type("approve 1")
            let job = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(60))
            try await bot.alertLookedAt(isFiring: false)
            try await bot.alertLookedAt()
            try await bot.lookedAt()
            let result = try await bot.backtest(asking, actions)
            #expect(result.decisions.map(\.kind) == [.ask, .ask])
            #expect(result.decisions[0].beganAt == job.startedAt)
            #expect(result.decisions[1].beganAt == nil)
            #expect(result.decisions[1].endReason == "what people would have said is not known: it counts as not run")
            #expect(result.summary.runs == 1 && result.summary.different == 0)
        }
    }

    @Test func `The next remedy follows where the bot's own run did not help`() async throws {
        var laddered = try rule()
        laddered.otherwise = [Samples.remedy("deploy")]
        actions.answer("node", .failure(ActionError("it does not help")))
        let alerts = AlwaysFiring()
        try await Harness.run(
            try set([laddered]), actions: actions.types, in: folder, time: time, alerts: alerts
        ) { bot in
            try await bot.alertLookedAt()
            _ = try #require(try await bot.job(2, in: .succeeded))
            let result = try await bot.backtest(laddered, actions, asks: true)
            #expect(result.decisions.map(\.run) == ["job 1", "job 2"])
            #expect(result.decisions.map(\.endState) == [.failed, .succeeded])
            #expect(result.decisions[1].subject == "remedy 2 of 2 after job 1")
            #expect(result.summary.same == 2)
        }
    }

    @Test func `Deliveries whose bodies are gone are counted, and only they`() async throws {
        let loaded = try rule()
        try await run(try set([loaded])) { bot in
            try await episode(bot, 1)
            time.advance(by: .seconds(3600))
            _ = try await bot.ledger.removeBodies(olderThan: .seconds(1800))
            try await episode(bot, 2)
            let result = try await bot.backtest(loaded, actions)
            #expect(result.summary.deliveries == 4 && result.summary.withoutBody == 2)
            #expect(result.decisions.map(\.decision) == ["job 2"])
            #expect(
                result.summary.lines.contains(
                    "2 deliveries have no body any more (limits.keep_bodies) and could not be looked at"))
        }
    }

    @Test func `What was before the span is known in it: an episode goes on, a cooldown holds`() async throws {
        let loaded = try rule { $0.cooldownMilliseconds = 3_600_000 }
        try await run(try set([loaded])) { bot in
            try await bot.alertLookedAt()
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(60))
            try await bot.alertLookedAt(isFiring: false)
            time.advance(by: .seconds(60))
            try await bot.alertLookedAt()
            time.advance(by: .seconds(60))
            let from = time.now
            try await bot.alertLookedAt()
            try await bot.alertLookedAt(isFiring: false)
            time.advance(by: .seconds(60))
            try await bot.alertLookedAt()
            let result = try await bot.backtest(loaded, actions, from: from)
            #expect(result.summary.resends == 1 && result.summary.matched == 1)
            #expect(result.decisions.map(\.kind) == [.refuse])
            #expect(result.summary.same == 1)
        }
    }

    @Test func `A notice that comes twice is one event, also when it came before the span`() async throws {
        var news = try Samples.rule("news", run: "restart")
        news.match = [try Matcher(parsing: "status != firing")]
        try await run(try set([news])) { bot in
            func tell(_ what: String) async throws {
                try await bot.deliver(["news": .string(what)])
                try await bot.lookedAt()
                time.advance(by: .seconds(60))
            }
            try await tell("a")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let from = time.now
            try await tell("a")
            try await tell("b")
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await tell("b")
            let all = try await bot.backtest(news, actions)
            #expect(all.decisions.map(\.decision) == ["job 1", "job 2"])
            #expect(all.summary.same == 2 && all.summary.resends == 2)
            let later = try await bot.backtest(news, actions, from: from)
            #expect(later.decisions.map(\.decision) == ["job 2"])
            #expect(later.summary.resends == 2)
        }
    }

    @Test func `The latest decisions are returned up to the bound, and the rest is counted`() async throws {
        let loaded = try rule()
        try await run(try set([loaded])) { bot in
            for job in 1...3 { try await episode(bot, JobID(job)) }
            let all = try await bot.backtest(loaded, actions, mostShown: 3)
            #expect(all.decisions.count == 3 && all.summary.notShown == 0)
            let some = try await bot.backtest(loaded, actions, mostShown: 2)
            #expect(some.decisions.map(\.decision) == ["job 2", "job 3"] && some.summary.notShown == 1)
            #expect(some.summary.matched == 3 && some.summary.same == 3)
        }
    }
}

/// Its alerts fire, whoever asks.
private struct AlwaysFiring: AlertDirectory {
    func isFiring(fingerprint: String) async throws -> Bool { true }
    func isFiring(group: AlertGroupReference) async throws -> Bool { true }
}
