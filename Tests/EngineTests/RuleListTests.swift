import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// `/defimon rules`.
@Suite struct RuleListTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func answer(_ text: String, _ bot: Harness) async throws -> RunAnswer {
        try await bot.engine.run(text, as: Identity(channel: "cli", userID: "root"), idempotencyKey: nil)
    }

    private func definitions() throws -> DefinitionSet {
        var watching = try Samples.rule("asleep", run: "restart")
        watching.onlyObserves = true
        var off = try Samples.rule("zz-off", run: "restart")
        off.isEnabled = false
        return Samples.set(
            [try Samples.command("restart", [Samples.step("node")])],
            rules: [
                off,
                try Samples.rule("down", run: "restart", with: [:]) {
                    $0.per = "{{node}}"
                    $0.limit = StartLimit(count: 1, perMilliseconds: 86_400_000)
                    $0.cooldownMilliseconds = 60_000
                }, watching,
            ])
    }

    @Test func `One line for each rule by its name, with mode, last match, runs and breaker`() async throws {
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            let fresh = try await answer("rules", bot).report.plainText
            let rows = fresh.split(separator: "\n").filter { $0.contains("test") }
            try #require(rows.count == 3, "\(fresh)")
            #expect(rows[0].contains("asleep") && rows[0].contains("observe") && rows[0].contains("no limit"))
            #expect(rows[1].contains("down") && rows[1].contains(" act ") && rows[1].hasSuffix("closed"))
            #expect(rows[2].contains("zz-off") && rows[2].contains(" off "))
            #expect(rows.allSatisfy { $0.contains("none known") && $0.contains("none") })
            try await bot.alertLookedAt()
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(120))
            try await bot.alertLookedAt(isFiring: false)
            try await bot.alertLookedAt()
            time.advance(by: .seconds(60))
            let later = try await answer("rules", bot).report.plainText
            let row = try #require(later.split(separator: "\n").first { $0.contains("down") })
            #expect(row.contains("(1 min ago)") && row.contains("1 ok"), "\(row)")
            #expect(row.contains("open for 'geth-0' since"), "\(row)")
            // A rule that only observes has matched as well, and has run nothing.
            let watching = try #require(later.split(separator: "\n").first { $0.contains("asleep") })
            #expect(watching.contains("(1 min ago)") && watching.contains("none"))
        }
        // After a restart the last match is still known.
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            let text = try await answer("rules", bot).report.plainText
            #expect(text.contains("(1 min ago)"))
        }
    }

    @Test func `A failed run counts as failed, and one older than 30 days no more`() async throws {
        actions.answer("node", .failure(ActionError("no")))
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.alertLookedAt()
            _ = try #require(try await bot.job(1, in: .failed))
            #expect(try await answer("rules down", bot).report.plainText.contains("1 failed"))
            time.advance(by: .seconds(30 * 86_400))
            #expect(try await answer("rules down", bot).report.plainText.contains("1 failed"))
            time.advance(by: .seconds(1))
            let text = try await answer("rules down", bot).report.plainText
            #expect(text.contains("Runs in 30 days: none"), "\(text)")
            #expect(!text.contains("1 failed") && text.contains("Newest job"))
        }
    }

    @Test func `One rule is shown in full, and an unknown one is told what it may have meant`() async throws {
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            let one = try await answer("rules down", bot)
            let text = one.report.plainText
            #expect(one.isAccepted)
            for part in [#"status = "firing""#, "restart", "cooldown 1 min", "at most 1 in 1 d", "defimon backtest"] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            #expect(try await answer("rules test/down", bot).isAccepted)
            let unknown = try await answer("rules dwn", bot)
            #expect(!unknown.isAccepted && unknown.report.plainText.contains("did you mean 'down'?"))
        }
    }

    @Test(arguments: [40, 41]) func `Forty rules are listed, more are counted`(count: Int) async throws {
        let rules = try (1...count).map { try Samples.rule("rule-\($0)", run: "restart") }
        let set = Samples.set([try Samples.command("restart", [Samples.step("node")])], rules: rules)
        try await Harness.run(set, actions: actions.types, in: folder, time: time) { bot in
            let text = try await answer("rules", bot).report.plainText
            #expect(text.split(separator: "\n").count { $0.contains("rule-") } == 40)
            #expect(text.contains("1 more") == (count == 41))
        }
    }
}
