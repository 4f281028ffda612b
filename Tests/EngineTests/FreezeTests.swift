import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// While the bot is frozen nothing that changes anything starts.
@Suite struct FreezeTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    /// One for all runs: the names that it gave to messages are in the ledger.
    let outlet = RecordingOutlet()

    init() throws { folder = try TemporaryFolder() }

    private func definitions(startWithin: Duration? = nil) throws -> DefinitionSet {
        Samples.set(
            [
                try Samples.command("deploy", [Samples.step("one")], lock: "l", startWithin: startWithin),
                try Samples.command("look", [Samples.step("seen", "test.look")]),
                try Samples.command("restart", [Samples.step("node")]),
            ], rules: [try Samples.rule("down", run: "restart")])
    }

    private func run(_ definitions: DefinitionSet, _ body: (Harness) async throws -> Void) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, body)
    }

    @Test func `A frozen bot holds what would change something, and the thaw lets it go, also across a restart`()
        async throws
    {
        let definitions = try definitions()
        try await run(definitions) { bot in
            try await bot.type("freeze the chain is being moved")
            #expect(await bot.messageInTime("The bot is frozen by olivia: the chain is being moved") != nil)
            try await bot.type("deploy")
            let job = try #require(try await bot.job(1, in: .held))
            #expect(job.reason == "frozen by olivia: the chain is being moved")
            #expect(await bot.messageInTime("frozen by olivia: the chain is being moved") != nil)
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(2, in: .held))
        }
        try await run(definitions) { bot in
            try await bot.type("look")
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(try await bot.job(1, in: .held) != nil)
            #expect(actions.calls(of: "change").isEmpty)
            try await bot.type("thaw")
            _ = try #require(try await bot.job(1, in: .succeeded))
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(await bot.messageInTime("olivia has thawed the bot") != nil)
            let kinds = try await bot.ledger.audit(AuditFilter(kind: "bot.")).map(\.kind)
            #expect(kinds.filter { ["bot.frozen", "bot.thawed"].contains($0) } == ["bot.thawed", "bot.frozen"])
        }
        try await run(definitions) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(4, in: .succeeded))
        }
    }

    @Test func `Plans and commands that look go on, and each answer says that the bot is frozen`() async throws {
        try await run(try definitions()) { bot in
            try await bot.type("freeze maintenance")
            _ = try #require(await bot.messageInTime("frozen by olivia"))
            try await bot.type("deploy --plan")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(await bot.messageInTime("deploy --plan · job 1 · succeeded") != nil)
            let plan = await bot.messageInTime("one becomes new")
            #expect(plan?.contains("The bot is frozen by olivia: maintenance") == true)
            try await bot.type("look")
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.type("whoami")
            let answer = await eventually {
                bot.outlet.latest(in: "private-U1").first { $0.contains("You are Olivia") }
            }
            #expect(answer?.contains("The bot is frozen by olivia: maintenance") == true)
            try await bot.type("nonsense")
            let refusal = await eventually {
                bot.outlet.latest(in: "private-U1").first { $0.contains("nonsense") }
            }
            #expect(refusal?.contains("The bot is frozen by olivia: maintenance") == true)
        }
    }

    @Test func `What runs when the freeze comes goes on to its end`() async throws {
        actions.close("one")
        try await run(try definitions()) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.type("freeze now")
            _ = try #require(await bot.messageInTime("frozen by olivia"))
            actions.open("one")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `Who may not freeze is told whom to ask, and a freeze wants a reason`() async throws {
        var definitions = try definitions()
        definitions.people[1].roles = ["lead"]
        try await run(definitions) { bot in
            try await bot.type("freeze because")
            let refusal = await bot.message("'freeze' needs the role lead. Ask Victor", in: "private-U1")
            #expect(refusal != nil)
            let denied = try await bot.ledger.audit(AuditFilter(kind: "authorization.denied"))
            #expect(denied.map(\.actor) == ["olivia"])
            try await bot.type("freeze", as: "U2")
            #expect(await bot.message("Why?", in: "private-U2") != nil)
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.type("thaw", as: "U2")
            #expect(await bot.message("The bot is not frozen", in: "private-U2") != nil)
        }
    }

    @Test func `What was held for longer than it may wait is not started by the thaw`() async throws {
        try await run(try definitions(startWithin: .seconds(60))) { bot in
            try await bot.type("freeze now")
            _ = try #require(await bot.messageInTime("frozen by olivia"))
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
            time.advance(by: .seconds(61))
            try await bot.type("look")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await bot.job(1, in: .held) != nil)
            try await bot.type("thaw")
            _ = try #require(try await bot.job(1, in: .expired))
            #expect(actions.calls(of: "change").isEmpty)
        }
    }

    @Test func `A job that waited at a step is held too, and its time stands still`() async throws {
        let command = try Samples.command(
            "deploy", [Samples.step("parcel", "test.wait"), Samples.step("one")], timeout: .seconds(100))
        try await run(Samples.set([command])) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .held))
            try await bot.type("freeze now")
            _ = try #require(await bot.messageInTime("The bot is frozen by olivia"))
            actions.arrive("parcel")
            try await bot.deliver(["news": "parcel/parcel"])
            let isFrozen = try await eventually {
                try await bot.ledger.job(id: 1)?.reason == "frozen by olivia: now" ? true : nil
            }
            #expect(isFrozen == true)
            #expect(actions.calls(of: "change").isEmpty)
            time.advance(by: .seconds(1000))
            try await bot.type("thaw")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `What runs when the freeze comes stops before its next change, gives its locks back, and goes on there`()
        async throws
    {
        let command = try Samples.command(
            "deploy", [Samples.step("one"), Samples.step("seen", "test.look"), Samples.step("two")], lock: "l",
            timeout: .seconds(100))
        actions.close("one")
        try await run(Samples.set([command])) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.type("freeze the night")
            _ = try #require(await bot.messageInTime("frozen by olivia"))
            actions.open("one")
            let job = try #require(try await bot.job(1, in: .held))
            #expect(job.reason == "frozen by olivia: the night")
            #expect(actions.calls.map(\.what) == ["one", "seen"])
            #expect(try await bot.ledger.heldLocks().isEmpty)
        }
        try await run(Samples.set([command])) { bot in
            // The time that it is held for is not its own.
            time.advance(by: .seconds(1000))
            try await bot.type("thaw")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["one", "seen", "two"])
        }
    }

    @Test func `A freeze with --now cancels what runs, and lets it clean up`() async throws {
        let command = try Samples.command(
            "deploy", [Samples.step("one"), Samples.step("two")],
            onFailure: OnFailure(steps: [try Samples.step("tidy")]))
        actions.close("one")
        try await run(Samples.set([command])) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.type("freeze --now all is wrong")
            #expect(await bot.message("Being cancelled: job 1 (deploy)", in: "private-U1") != nil)
            let job = try #require(try await bot.job(1, in: .cancelled))
            #expect(job.cancelledBy == "olivia")
            #expect(actions.calls.map(\.what) == ["one", "tidy"])
        }
    }

    @Test func `One pool is frozen and thawed by itself, also across a restart`() async throws {
        var set = Samples.set([
            try Samples.command("deploy", [Samples.step("one")], lock: "pool/analytics"),
            try Samples.command("other", [Samples.step("two")], lock: "pool/ml/gpu"),
        ])
        set.variables["pools"] = ["analytics": [:], "ml": [:]]
        try await run(set) { bot in
            try await bot.type("freeze analytics")
            #expect(await bot.message("Why?", in: "private-U1") != nil)
            try await bot.type("freeze analytics the database is moved")
            _ = try #require(
                await bot.messageInTime("The pool analytics is frozen by olivia: the database is moved"))
            try await bot.type("deploy")
            let job = try #require(try await bot.job(1, in: .held))
            #expect(job.reason == "analytics is frozen by olivia: the database is moved")
        }
        try await run(set) { bot in
            try await bot.type("other")
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.type("thaw")
            #expect(await bot.message("/defimon thaw analytics ends", in: "private-U1") != nil)
            #expect(try await bot.job(1, in: .held) != nil)
            try await bot.type("thaw analytics")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test(arguments: [false, true]) func `Upkeep by schedule goes on in a freeze, unless that is one with --all`(
        isAll: Bool
    ) async throws {
        let upkeep = try Samples.command(
            "renew", [Samples.step("one")], schedule: Samples.schedule(every: .seconds(600)), isUpkeep: true)
        let other = try Samples.command(
            "sweep", [Samples.step("two")], schedule: Samples.schedule(every: .seconds(600)))
        actions.close("never")
        try await run(Samples.set([upkeep, other])) { bot in
            // What is planned for the moment of the start.
            _ = try #require(try await bot.job(2, in: .succeeded))
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.type(isAll ? "freeze --all the night" : "freeze the night")
            _ = try #require(await bot.messageInTime("frozen by olivia"))
            time.advance(by: .seconds(600))
            let renewal = try #require(try await bot.jobInTime(3, in: isAll ? .held : .succeeded))
            #expect(renewal.command == "renew")
            #expect(try await bot.jobInTime(4, in: .held)?.command == "sweep")
            // A person's own wish is no upkeep.
            try await bot.type("renew")
            _ = try #require(try await bot.jobInTime(5, in: .held))
        }
    }
}
