import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A backtest of the rule that the bot ran decides as the bot did.
@Suite struct BacktestPropertyTests {
    private static let nodes = ["geth-0", "geth-1"]
    /// Every time of these tests is a multiple of it, so that the bot is awake whenever something is due.
    private static let step = Duration.seconds(20)

    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func definitions(_ dice: inout Dice) throws -> DefinitionSet {
        let holds = dice.happens(70)
        let verifies = dice.happens(50)
        let shares = dice.happens(50)
        return Samples.set(
            [try Samples.command("restart", [Samples.step("node")], lock: shares ? "pool/ethereum" : nil)],
            rules: [
                try Samples.rule(
                    "down", run: "restart",
                    verify: verifies ? VerifyDefinition(alertResolvedWithinMilliseconds: 120_000) : nil
                ) {
                    $0.per = "{{node}}"
                    $0.firingForMilliseconds = holds ? 60_000 : nil
                    $0.cooldownMilliseconds = 100_000
                    $0.limit = StartLimit(count: 3, perMilliseconds: 1_200_000, resetAfterMilliseconds: 600_000)
                    $0.cancelOnResolve = true
                }
            ])
    }

    /// Nothing is left to do at this moment.
    private func settled(_ bot: Harness) async throws {
        try await bot.lookedAt()
        let isSettled: Bool? = try await eventually(within: .seconds(20)) {
            let open = try await bot.ledger.openJobs()
            let isBusy = open.contains { job in
                switch job.state {
                case .held: job.heldUntil.map { $0 <= time.now } ?? false
                case .verifying: job.verifyBy.map { $0 <= time.now } ?? false
                default: true
                }
            }
            // Whoever began to wait late is woken by new definitions.
            if isBusy { _ = await bot.engine.reload() }
            return isBusy ? nil : true
        }
        try #require(isSettled == true)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func `A backtest of a random past decides as the bot did, word for word`(seed: UInt64) async throws {
        var dice = Dice(seed: seed)
        let definitions = try definitions(&dice)
        let renamed: @Sendable () -> DefinitionSet = {
            var set = definitions
            set.hash = UUID().uuidString
            return set
        }
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, reloading: renamed) { bot in
            var isFrozen = false
            for _ in 0..<60 {
                let node = Self.nodes[dice.number(0...1)]
                switch dice.number(0...9) {
                case 0, 1, 2: try await bot.alert(node)
                case 3, 4: try await bot.alert(node, isFiring: false)
                case 5 where dice.happens(30):
                    try await bot.type(isFrozen ? "thaw" : "freeze the dice say so")
                    isFrozen.toggle()
                case 6:
                    let open = try await bot.ledger.notes(under: Breaker.note).compactMap { Breaker($0.note) }
                    if let open = open.first(where: { $0.openedAt != nil }) { try await bot.type(open.closing) }
                default: break
                }
                try await settled(bot)
                for _ in 0..<dice.number(1...6) {
                    time.advance(by: Self.step)
                    try await settled(bot)
                }
            }
            let rule = try #require(definitions.rules.first)
            let decided = try await bot.decided("down")
            let jobs = try await bot.ledger.jobs(JobFilter(command: "restart", limit: 1000))
            try #require(decided.count > 5)
            let result = try await bot.backtest(rule, actions)
            for decision in result.decisions where decision.actual?.isSame != true {
                Issue.record("\(decision.lines.joined(separator: "\n"))")
            }
            var said: [Int64: String] = [:]
            for decision in result.decisions { said[decision.actual?.event ?? 0] = decision.decision }
            #expect(said == decided)
            for job in jobs {
                let decision = result.decisions.first { $0.run == "job \(job.id)" }
                #expect((decision?.beganAt != nil) == (job.startedAt != nil), "job \(job.id)")
                #expect(decision?.endState == (job.state.isFinal ? job.state : nil), "job \(job.id)")
            }
            #expect(result.summary.same == decided.count && result.summary.different == 0)
            #expect(result.summary.runs == jobs.count { $0.startedAt != nil })

            // A later beginning of the span changes nothing in what follows.
            let half = try #require(result.decisions.dropFirst(result.decisions.count / 2).first).at
            let later = try await bot.backtest(rule, actions, from: half)
            #expect(later.summary.different == 0, "\(later.summary.lines)")
            for decision in later.decisions { #expect(decision.decision == decided[decision.actual?.event ?? 0]) }
        }
    }
}
