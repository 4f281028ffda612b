import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Jobs of one group of alerts share a message where their channel has threads.
@Suite struct ReportHeadTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    let alerts = ScriptedAlerts()
    let outlet = RecordingOutlet(hasThreads: true)

    init() throws { folder = try TemporaryFolder() }

    private func definitions(otherwise: [RemedyDefinition] = [], isQuiet: Bool = false) throws -> DefinitionSet {
        let commands = try ["restart", "replace"].map { name in
            try Samples.command(
                name, [Samples.step("one", what: "\(name) {{arguments.node}}", attempts: 1)],
                arguments: [Samples.argument("node", .text(nil))], isQuiet: isQuiet)
        }
        let rule = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"], otherwise: otherwise)
        return Samples.set(commands, rules: [rule])
    }

    private func run(
        _ definitions: DefinitionSet, outlet: RecordingOutlet? = nil, crashes: Bool = false,
        limits: Limits = Limits(), _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet ?? self.outlet,
            limits: limits, alerts: alerts, crashes: crashes, body)
    }

    /// Waits until a message that stands in the place itself says `text`.
    private func head(_ text: String, _ outlet: RecordingOutlet? = nil) async -> (text: String, thread: [String])? {
        let outlet = outlet ?? self.outlet
        return await eventually { outlet.heads(in: "#ops").first { $0.text.contains(text) } }
    }

    private func notes(_ bot: Harness) async throws -> Int { try await bot.ledger.notes(under: "report-head/").count }

    @Test func `Jobs of one delivery stand in the thread of one message, which lists them and is edited in place`()
        async throws
    {
        actions.close("restart a")
        actions.answer("restart b", .failure(ActionError("no such node")))
        try await run(definitions()) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            let early = try #require(await head("2 jobs · 1 running, 1 failed"))
            #expect(early.text.contains("◐ job 1: restart a · running"))
            #expect(early.text.contains("✗ job 2: restart b · failed"))
            #expect(try await notes(bot) == 1)
            actions.open("restart a")
            let late = try #require(await head("a, b · 2 jobs · 1 succeeded, 1 failed"))
            _ = await eventually {
                outlet.heads(in: "#ops")[0].thread.contains { $0.contains("no such node") } ? 1 : nil
            }
            _ = await eventually {
                outlet.heads(in: "#ops")[0].thread.contains { $0.contains("job 1 · succeeded") } ? 1 : nil
            }
            let heads = outlet.heads(in: "#ops")
            #expect(heads.count == 1, "\(heads)")
            #expect(heads[0].thread.count == 2, "\(heads[0].thread)")
            #expect(heads[0].text == late.text)
            #expect(try await notes(bot) == 0)
        }
    }

    @Test func `One job alone has its own message, and so has each where a channel has no threads`() async throws {
        let plain = RecordingOutlet()
        try await run(definitions(), outlet: plain) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(await head("job 1 · succeeded", plain))
            _ = try #require(await head("job 2 · succeeded", plain))
            #expect(plain.heads(in: "#ops").count == 2)
            #expect(try await notes(bot) == 0)
        }
        try await run(definitions()) { bot in
            try await bot.alerts(.init("c"), group: "g2")
            _ = try #require(await head("restart c · job 3 · succeeded"))
            #expect(outlet.heads(in: "#ops").count == 1)
        }
    }

    @Test func `A job of a later delivery joins the message of its group while that is open, and a new one after it`()
        async throws
    {
        actions.close("restart a")
        try await run(definitions()) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(await head("2 jobs · 1 running, 1 succeeded"))
            try await bot.alerts(.init("a"), .init("b"), .init("c"))
            _ = try #require(await head("3 jobs · 1 running, 2 succeeded"))
            // Another group has its own.
            try await bot.alerts(.init("x"), .init("y"), group: "g2")
            _ = try #require(await head("x, y · 2 jobs · 2 succeeded"))
            actions.open("restart a")
            _ = try #require(await head("3 jobs · 3 succeeded"))
            try await bot.alerts(.init("d"), .init("e"))
            _ = try #require(await head("d, e · 2 jobs · 2 succeeded"))
            #expect(outlet.heads(in: "#ops").count == 3)
        }
    }

    @Test func `The next remedy stands in the same message, and its success is that of the whole`() async throws {
        let next = Samples.remedy("replace", with: ["node": "{{node}}"])
        for node in ["a", "b"] { actions.answer("restart \(node)", .failure(ActionError("no"))) }
        try await run(definitions(otherwise: [next])) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            let head = try #require(await head("4 jobs · 2 succeeded, 2 failed"))
            #expect(head.text.contains("✓ job 4: replace "))
            #expect(outlet.heads(in: "#ops").count == 1)
            let messages = try await bot.ledger.outbox(subject: "group/1")
            #expect(messages.last?.report.mood == .success)
            #expect(try await notes(bot) == 0)
        }
    }

    @Test func `After a crash the message goes on`() async throws {
        actions.close("restart a")
        try await run(definitions(), crashes: true) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(await head("2 jobs · 1 running, 1 succeeded"))
        }
        actions.open("restart a")
        try await run(definitions()) { bot in
            _ = try #require(await head("2 jobs · 2 succeeded"))
            #expect(outlet.heads(in: "#ops").count == 1)
            #expect(try await notes(bot) == 0)
        }
    }

    @Test(arguments: [(30, [30]), (31, [30, 1]), (32, [30, 2])])
    func `A message takes thirty jobs, and the next ones have another`(count: Int, sizes: [Int]) async throws {
        var limits = Limits()
        limits.concurrentJobs = 64
        try await run(definitions(), limits: limits) { bot in
            try await bot.alerts((1...count).map { GroupedAlert("n\($0)") })
            _ = await eventually {
                let heads = outlet.heads(in: "#ops").filter { $0.text.contains("succeeded") }
                return heads.count == sizes.count
                    && heads.map(\.thread.count).reduce(0, +) >= count - sizes.count { $0 == 1 }
                    ? true : nil
            }
            let heads = outlet.heads(in: "#ops")
            #expect(heads.map { max($0.thread.count, 1) } == sizes, "\(heads.map(\.text))")
        }
    }

    @Test func `A job of which nobody can tell keeps the message open until a person has decided`() async throws {
        let command = try Samples.command(
            "restart", [Samples.step("one", "test.operate", what: "restart {{arguments.node}}")],
            arguments: [Samples.argument("node", .text(nil))])
        let rule = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"])
        let definitions = Samples.set([command], rules: [rule])
        actions.close("restart a")
        try await run(definitions, crashes: true) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(await head("2 jobs · 1 running, 1 succeeded"))
        }
        try await Harness.change(folder, time: time) { ledger in
            var step = try #require(try await ledger.steps(jobID: 1).first)
            step.handle = nil
            try await ledger.commit(LedgerChange([.saveStep(step)]))
        }
        actions.found(.cannotTell)
        try await run(definitions) { bot in
            _ = try #require(await head("2 jobs · 1 succeeded, 1 unknown"))
            #expect(try await notes(bot) == 1)
            try await bot.type("job 1 succeeded")
            _ = try #require(await head("2 jobs · 2 succeeded"))
            #expect(try await notes(bot) == 0)
        }
    }

    @Test func `Quiet commands are not listed`() async throws {
        try await run(definitions(isQuiet: true)) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await notes(bot) == 0)
        }
        #expect(outlet.latest(in: "#ops").isEmpty)
    }
}
