import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Calls for people: who is called, when, and what stops it.
@Suite struct EscalationTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    private let no = ActionError("no")

    init() throws { folder = try TemporaryFolder() }

    private func definitions(
        afterMinutes: [Int64] = [0, 15, 40], repeatMinutes: Int64? = nil,
        escalate: [Place] = [
            Place(channel: "chat", address: "#oncall"), Place(channel: "on_call", address: "infrastructure"),
        ]
    ) throws -> DefinitionSet {
        let command = try Samples.command("restart", [Samples.step("one", attempts: 1)])
        return Samples.set(
            [command, try Samples.command("poke", [Samples.step("poke")])],
            rules: [try Samples.rule("down", run: "restart", escalate: escalate)],
            onCall: [Samples.onCall("infrastructure", afterMinutes: afterMinutes, repeatMinutes: repeatMinutes)])
    }

    private func run(_ definitions: DefinitionSet, crashes: Bool = false, _ body: (Harness) async throws -> Void)
        async throws
    {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, crashes: crashes, body)
    }

    private let outlet = RecordingOutlet()

    /// A job fails about an alert that fires.
    private func fail(_ bot: Harness) async throws {
        actions.answer("one", .failure(no))
        try await bot.alert("geth-0", startedAt: time.now)
        _ = try #require(try await bot.job(1, in: .failed))
        _ = try #require(await bot.message("Needs a person", in: "#infrastructure-1"))
    }

    /// Waits for something. Who began to wait for a long time just when it was moved is woken by a new job.
    private func soon<Value>(_ bot: Harness, _ condition: () async throws -> Value?) async throws -> Value? {
        var looks = 0
        return try await eventually {
            if let found = try await condition() { return found }
            looks += 1
            if looks.isMultiple(of: 25) { try await bot.type("poke") }
            return nil
        }
    }

    private func soon(_ bot: Harness, _ text: String, in place: String) async throws -> String? {
        try await soon(bot) { outlet.latest(in: place).first { $0.contains(text) } }
    }

    /// What was called so far, from the audit, oldest first.
    private func called(_ bot: Harness, _ count: Int) async throws -> [String] {
        let found = try await soon(bot) { () -> [String]? in
            let records = try await bot.ledger.audit(AuditFilter(kind: "escalation.called"))
            guard records.count >= count else { return nil }
            return records.reversed().compactMap { $0.detail["whom"]?.stringValue ?? $0.detail["again"]?.plainText }
        }
        return try #require(found)
    }

    @Test func `All places of the first level are told at once, the next level at its time and not before`()
        async throws
    {
        try await run(try definitions()) { bot in
            try await fail(bot)
            let first = try #require(await bot.message("Needs a person", in: "#oncall"))
            #expect(first.contains("Ack: /defimon ack 1"))
            #expect(first.contains("Called: Person 1"))
            #expect(first.contains("level 2 of 3 is called at"))
            let opened = try #require(try await bot.ledger.job(id: 1)?.endedAt)
            time.advance(by: opened.advanced(by: .seconds(900)).since(time.now) - .milliseconds(1))
            try await bot.type("jobs")
            _ = await bot.message("Jobs", in: "private-U1")
            #expect(outlet.latest(in: "#infrastructure-2").isEmpty)
            time.advance(by: .milliseconds(1))
            let second = try #require(try await soon(bot, "Needs a person", in: "#infrastructure-2"))
            #expect(second.contains("Called: Person 1, Person 2"))
            #expect(second.contains("level 3 of 3"))
            time.advance(by: .seconds(1500))
            let third = try #require(try await soon(bot, "Needs a person", in: "#infrastructure-3"))
            #expect(!third.contains("Unless somebody has it"))
            #expect(outlet.latest(in: "#infrastructure-1").count == 1)
            #expect(try await called(bot, 3).count == 3)
        }
    }

    @Test func `Acknowledged, nobody else is called, the same messages say who has it, and so does the audit`()
        async throws
    {
        try await run(try definitions()) { bot in
            try await fail(bot)
            try await bot.type("ack 1")
            #expect(await bot.message("Olivia has 1 (restart): nobody else is called.", in: "private-U1") != nil)
            for place in ["#oncall", "#infrastructure-1"] {
                let said = try #require(await bot.message("Acknowledged by Olivia: Needs a person", in: place))
                #expect(!said.contains("/defimon ack"))
                #expect(outlet.latest(in: place).count == 1, "the same message")
            }
            let record = try #require(try await bot.ledger.audit(AuditFilter(kind: "escalation.acknowledged")).first)
            #expect(record.actor == "olivia")
            #expect(record.subject == "job/1")
            time.advance(by: .seconds(86_400))
            // Said again, it changes nothing, whoever says it.
            try await bot.type("ack #1", as: "U2")
            #expect(await bot.message("Olivia has 1 already, since", in: "private-U2") != nil)
            #expect(outlet.latest(in: "#infrastructure-2").isEmpty)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "escalation.acknowledged")).count == 1)
            #expect(try await called(bot, 1).count == 1)
        }
    }

    @Test func `Nobody whom the settings do not know can acknowledge`() async throws {
        try await run(try definitions()) { bot in
            try await fail(bot)
            try await bot.type("ack 1", as: "U9")
            #expect(await bot.message("U9", in: "private-U9") != nil)
            time.advance(by: .seconds(900))
            _ = try #require(try await soon(bot, "Needs a person", in: "#infrastructure-2"))
            #expect(try await bot.ledger.audit(AuditFilter(kind: "escalation.acknowledged")).isEmpty)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "authorization.denied")).count == 1)
        }
    }

    @Test func `From the machine it is acknowledged too; without a number those that are open are listed`() async throws
    {
        try await run(try definitions()) { bot in
            let cli = Identity(channel: "cli", userID: "root")
            #expect(
                try await bot.engine.run("ack", as: cli, idempotencyKey: nil).report.title == "No escalation is open.")
            try await fail(bot)
            let list = try await bot.engine.run("ack", as: cli, idempotencyKey: nil).report.plainText
            #expect(list.contains("1  restart  for"))
            #expect(list.contains("nobody has it, level 1 of 3 was called"))
            let wrong = try await bot.engine.run("ack 7", as: cli, idempotencyKey: nil)
            #expect(!wrong.isAccepted)
            #expect(wrong.report.plainText.contains("There is no open escalation 7. Open are: 1."))
            #expect(try await !bot.engine.run("ack 1 2", as: cli, idempotencyKey: nil).isAccepted)
            #expect(try await bot.engine.run("ack 1", as: cli, idempotencyKey: nil).isAccepted)
            let after = try await bot.engine.run("ack", as: cli, idempotencyKey: nil).report.plainText
            #expect(after.contains("Olivia has it"))
        }
    }

    @Test func `The alert's resolve ends it, in the same messages`() async throws {
        let start = time.now
        try await run(try definitions()) { bot in
            try await fail(bot)
            try await bot.alert("geth-0", isFiring: false, startedAt: start)
            for place in ["#oncall", "#infrastructure-1"] {
                #expect(await bot.message("Over, the alert resolved: restart", in: place) != nil)
                #expect(outlet.latest(in: place).count == 1)
            }
            time.advance(by: .seconds(86_400))
            try await bot.type("ack 1")
            #expect(await bot.message("There is no open escalation 1. None is open.", in: "private-U1") != nil)
            #expect(outlet.latest(in: "#infrastructure-2").isEmpty)
            #expect(try await bot.ledger.notes(under: "escalation/").isEmpty)
        }
    }

    @Test func `It outlives crashes: who is due is called after the start, and what was acknowledged stays so`()
        async throws
    {
        try await run(try definitions(), crashes: true) { bot in try await fail(bot) }
        time.advance(by: .seconds(900))
        try await run(try definitions(), crashes: true) { bot in
            _ = try #require(try await soon(bot, "Needs a person", in: "#infrastructure-2"))
            try await bot.type("ack 1")
            #expect(await bot.message("Olivia has 1", in: "private-U1") != nil)
        }
        time.advance(by: .seconds(86_400))
        try await run(try definitions()) { bot in
            try await bot.type("ack")
            #expect(await bot.message("Olivia has it", in: "private-U1") != nil)
            #expect(outlet.latest(in: "#infrastructure-3").isEmpty)
            #expect(try await called(bot, 2).count == 2)
        }
    }

    @Test func `An alert that resolved while the bot was down calls nobody`() async throws {
        let start = time.now
        try await run(try definitions(), crashes: true) { bot in try await fail(bot) }
        try await Harness.change(folder, time: time) { ledger in
            var episode = try #require(try await ledger.episode(fingerprint: "f-geth-0"))
            episode.resolvedAt = start.advanced(by: .seconds(60))
            try await ledger.commit(LedgerChange([.saveEpisode(episode)]))
        }
        time.advance(by: .seconds(900))
        try await run(try definitions()) { bot in
            _ = try #require(try await soon(bot, "Over, the alert resolved", in: "#infrastructure-1"))
            #expect(outlet.latest(in: "#infrastructure-2").isEmpty)
        }
    }

    @Test func `Where nobody answers everybody is called again, in new messages, as often as it may be`() async throws {
        try await run(try definitions(afterMinutes: [0, 15], repeatMinutes: 30)) { bot in
            try await fail(bot)
            time.advance(by: .seconds(900))
            #expect(try await called(bot, 2).count == 2)
            for repeats in 1...Escalation.mostRepeats {
                time.advance(by: .seconds(1800))
                #expect(try await called(bot, 2 + repeats).count == 2 + repeats)
            }
            #expect(await bot.message("Still nobody has it", in: "#infrastructure-2") != nil)
            let all = 1 + Escalation.mostRepeats
            #expect(await eventually { outlet.latest(in: "#oncall").count == all ? true : nil } != nil)
            time.advance(by: .seconds(1800))
            try await bot.type("ack 1")
            #expect(await bot.message("Acknowledged by Olivia", in: "#infrastructure-1") != nil)
            #expect(try await called(bot, 1).count == 2 + Escalation.mostRepeats)
        }
    }

    @Test func `One that nobody ends is over after a week`() async throws {
        try await run(try definitions(afterMinutes: [0])) { bot in
            try await fail(bot)
            time.advance(by: Escalation.longest - .milliseconds(1))
            try await bot.type("ack")
            #expect(await bot.message("Open escalations: 1", in: "private-U1") != nil)
            time.advance(by: .milliseconds(1))
            _ = try #require(try await soon(bot, "Over, nobody has ended it for 7 d", in: "#infrastructure-1"))
            #expect(try await bot.ledger.notes(under: "escalation/").isEmpty)
        }
    }

    @Test func `When as many are open as may be everybody is called at once, and nothing is kept`() async throws {
        let now = time.now
        try await Harness.change(folder, time: time) { ledger in
            for number in 1...Escalation.mostOpen {
                let id = 1_000_000 + JobID(number)
                let note: JSONValue = [
                    "jobID": .int(id), "commandLine": "c", "openedAt": .int(now.microseconds), "levels": [],
                    "called": 0,
                    "repeats": 0, "nextAt": .int(now.advanced(by: .seconds(86_400)).microseconds), "told": [],
                ]
                try await ledger.commit(LedgerChange([.saveNote("escalation/\(id)", note)]))
            }
        }
        try await run(try definitions()) { bot in
            try await fail(bot)
            for place in ["#oncall", "#infrastructure-2", "#infrastructure-3"] {
                #expect(await bot.message("Needs a person", in: place) != nil)
            }
            #expect(try await bot.ledger.note("escalation/1") == nil)
        }
    }

    @Test func `A list that is not defined any more is the team`() async throws {
        let gone = try definitions(escalate: [Place(channel: "on_call", address: "gone")])
        try await run(gone) { bot in
            actions.answer("one", .failure(no))
            try await bot.alert("geth-0", startedAt: time.now)
            #expect(await bot.message("Needs a person") != nil)
        }
    }

    @Test
    func `A job of which nobody can tell calls people at once and after a while, until somebody has it or decides`()
        async throws
    {
        let command = try Samples.command("restart", [Samples.step("one", "test.operate")])
        let definitions = Samples.set(
            [command, try Samples.command("poke", [Samples.step("poke")])],
            rules: [
                try Samples.rule(
                    "down", run: "restart", otherwise: [Samples.remedy("poke")],
                    escalate: [Place(channel: "on_call", address: "infrastructure")])
            ], onCall: [Samples.onCall("infrastructure", afterMinutes: [0, 60])])
        actions.close("one")
        try await run(definitions, crashes: true) { bot in
            try await bot.alert("geth-0", startedAt: time.now)
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
        }
        try await Harness.change(folder, time: time) { ledger in
            var step = try #require(try await ledger.steps(jobID: 1).first)
            step.handle = nil
            try await ledger.commit(LedgerChange([.saveStep(step)]))
        }
        actions.found(.cannotTell)
        try await run(definitions) { bot in
            let unknown = try #require(try await bot.job(1, in: .unknown))
            #expect(unknown.ladder?.rest.count == 1)
            #expect(unknown.ladder?.next == nil, "no remedy follows")
            #expect(try await bot.ledger.job(id: 2) == nil)
            #expect(await bot.message("Needs a person: restart", in: "#infrastructure-1") != nil)
            time.advance(by: .seconds(600))
            _ = try #require(try await soon(bot, "Needs a person, since 10 min", in: "#infrastructure-1"))
            try await bot.type("job 1 succeeded")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(await bot.message("Over, decided: restart", in: "#infrastructure-1") != nil)
            #expect(try await bot.ledger.notes(under: "escalation/").isEmpty)
            time.advance(by: .seconds(86_400))
            try await bot.type("ack")
            #expect(await bot.message("No escalation is open", in: "private-U1") != nil)
            #expect(outlet.latest(in: "#infrastructure-2").isEmpty)
        }
    }
}
