import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Reports arrive, in order, or elsewhere.
@Suite struct OutboxTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    @Test func `A channel that refuses for a while gets the newest form of the message`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        let outlet = RecordingOutlet()
        outlet.refuse("#ops", OutletError(.later(after: .seconds(30)), "slow down"))
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(outlet.count == 0)
            _ = await eventually { () -> Bool? in
                time.advance(by: .seconds(1))
                return outlet.latest(in: "#ops").first?.contains("succeeded")
            }
            #expect(outlet.latest(in: "#ops").count == 1)
            #expect(outlet.count == 1)
        }
    }

    @Test func `A message that somebody deleted is posted anew once, and then edited`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        let outlet = RecordingOutlet()
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("deploy")
            _ = await eventually { outlet.latest(in: "#ops").first?.contains("◐ Step one") ?? false ? true : nil }
            outlet.refuse("#ops", OutletError(.messageGone, "message_not_found"))
            actions.open("one")
            #expect(await bot.message("succeeded") != nil)
            #expect(outlet.latest(in: "#ops").count == 2)
        }
    }

    @Test func `A place that takes long holds up no other`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        let outlet = RecordingOutlet()
        outlet.hold("#ops")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.type("whoami")
            #expect(await bot.message("You are Olivia", in: "private-U1") != nil)
            #expect(outlet.latest(in: "#ops").isEmpty)
            outlet.release("#ops")
            #expect(await bot.message("succeeded") != nil)
        }
    }

    @Test func `What a channel will never take goes to the next place`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        let outlet = RecordingOutlet()
        outlet.refuse(
            "#ops", OutletError(.never, "not_in_channel"), OutletError(.never, "not_in_channel"),
            OutletError(.never, "not_in_channel"), OutletError(.never, "not_in_channel"),
            OutletError(.never, "not_in_channel"))
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("deploy")
            #expect(await bot.message("succeeded", in: "private-U1") != nil)
        }
    }

    @Test func `A report that no place takes is told where the team reads`() async throws {
        let rule = try Samples.rule(
            "down", run: "restart", escalate: [Place(channel: "nowhere", address: "admin")])
        actions.answer("one", .failure(ActionError("it burns")))
        let definitions = Samples.set([try Samples.command("restart", [Samples.step("one")])], rules: [rule])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.alert("geth-0")
            let told = try #require(await bot.message("Not delivered to nowhere:admin"))
            #expect(told.contains("the channel 'nowhere' is not set up"))
            #expect(told.contains("it burns"))
        }
    }

    @Test func `Refusals beyond ten a minute become one record with a count`() async throws {
        let definitions = Samples.set([])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            for _ in 0..<25 {
                bot.engine.refused(Refusal(.badSignature, "no"), source: Source("slack"), remoteAddress: "127.0.0.1")
            }
            _ = try await eventually {
                try await bot.ledger.audit(AuditFilter(kind: "delivery.refused")).count >= 10 ? true : nil
            }
            await time.untilSleeping(2)
            time.advance(by: .seconds(61))
            let all = try #require(
                try await eventually {
                    let records = try await bot.ledger.audit(AuditFilter(kind: "delivery.refused"))
                    return records.count == 11 ? records : nil
                })
            #expect(all.first?.detail["more"]?.intValue == 15)
        }
    }

    @Test func `Ten refusals a minute are ten records, of each source and reason; the eleventh is counted at the end`()
        async throws
    {
        try await Harness.run(Samples.set([]), actions: actions.types, in: folder, time: time) { bot in
            for _ in 0..<10 {
                for source in ["slack", "github"] {
                    bot.engine.refused(Refusal(.badSignature, "no"), source: Source(source), remoteAddress: "::1")
                }
                bot.engine.refused(Refusal(.staleTimestamp, "old"), source: Source("slack"), remoteAddress: "::1")
            }
            bot.engine.refused(Refusal(.staleTimestamp, "old"), source: Source("slack"), remoteAddress: "::1")
        }
        let ledger = try SQLiteLedger.readOnly(path: folder.path("ledger.sqlite"))
        let records = try await ledger.audit(AuditFilter(kind: "delivery.refused", limit: 1000))
        #expect(records.count == 31)
        let counts = records.filter { $0.detail["more"] != nil }
        #expect(counts.map(\.detail["more"]) == [1])
        #expect(counts.first?.detail["reason"] == "stale-timestamp")
        #expect(counts.first?.actor == "slack")
    }
}
