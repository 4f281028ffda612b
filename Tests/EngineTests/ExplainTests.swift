import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// `explain` answers why something ran, or did not.
@Suite struct ExplainTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func definitions() throws -> DefinitionSet {
        var off = try Samples.rule("off", run: "restart")
        off.isEnabled = false
        return Samples.set(
            [
                try Samples.command("deploy", [Samples.step("one"), Samples.step("two", attempts: 1)]),
                try Samples.command(
                    "restart", [Samples.step("three")], arguments: [Samples.argument("node", .text(nil))]),
            ],
            rules: [
                try Samples.rule("down", run: "restart", with: ["node": "{{node}}"]) {
                    $0.cooldownMilliseconds = 900_000
                }, off,
            ])
    }

    private func explained(_ id: String, _ bot: Harness) async throws -> Explanation {
        try await Explainer(reader: bot.ledger).explain(id)
    }

    @Test func `A job tells who asked, its steps, where it stopped, its reports and its history`() async throws {
        actions.answer("two", .failure(ActionError("it burns", hint: "bring water")))
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .failed))
            #expect(await bot.message("failed") != nil)
            _ = try await eventually { try await bot.ledger.nextOutboxDue() == nil ? true : nil }
            for id in ["1", "job/1", "#1"] {
                let it = try await explained(id, bot)
                #expect(it.id == "job/1")
                #expect(
                    it.answer
                        == "Job 1 ran, because olivia asked for it, and ended as failed at step 2 (Step two): it burns")
                #expect(it.steps.map(\.state) == [.succeeded, .failed])
                #expect(it.delivery?.verifiedSender == "test")
                #expect(it.events.count == 1)
                #expect(it.reports.contains { $0.state == .delivered && $0.place == "chat:#ops" })
                #expect(it.history.first?.kind.hasPrefix("job.") == true)
                let text = it.report.plainText
                for part in ["it burns; bring water", "olivia as chat:U1", "chat:#ops  main  delivered", "History:"] {
                    #expect(text.contains(part), "\(part) in \(text)")
                }
            }
        }
    }

    @Test func `An event tells every rule with what each matcher saw, and why nothing ran`() async throws {
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let ran = try await explained("event/1", bot)
            #expect(ran.answer == "Job 1 (restart geth-0) came of it: succeeded")
            let text = ran.report.plainText
            for part in [
                "✓ rule down", "✓ status = \"firing\" saw \"firing\"", "→ job 1", "– rule off", "switched off",
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            let job = try await explained("1", bot)
            #expect(job.answer == "Job 1 ran and succeeded, because rule down matched 'Down geth-0'")
            #expect(job.report.plainText.contains("Guards: cooldown 15 min"))

            try await bot.alert("geth-0", isFiring: false)
            let resolved = try #require(
                await eventually { try? await explained("event/2", bot) })
            #expect(resolved.answer == "Nothing ran: none of 2 rules matched")
            #expect(resolved.report.plainText.contains("✗ status = \"firing\" saw \"resolved\""))

            time.advance(by: .seconds(60))
            try await bot.alert("geth-0")
            let cooled = try #require(
                await eventually { try? await explained("event/3", bot) })
            #expect(cooled.answer.hasPrefix("Nothing ran: rule down matched: in cooldown until"), "\(cooled.answer)")
        }
    }

    @Test func `A delivery is found by its number and by its sender's id, with its verification and its repeats`()
        async throws
    {
        let id = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            let body: JSONValue = ["text": "deploy", "user": "U1", "id": "x"]
            let first = try await bot.deliver(body, id: id)
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.deliver(body, id: id)
            for name in ["delivery/\(first.rowID)", id] {
                let it = try await explained(name, bot)
                #expect(it.id == "delivery/\(first.rowID)")
                #expect(it.delivery?.deliveryID == id)
                #expect(it.delivery?.repeats == 1)
                #expect(it.events.map(\.subject) == ["/defimon deploy"])
                #expect(it.jobs.map(\.id) == [1])
                #expect(it.answer.hasPrefix("Job 1 (deploy) came of it"), "\(it.answer)")
                let text = it.report.plainText
                #expect(text.contains("Verified: yes: test"))
                #expect(text.contains("Came again: once"))
            }
            try await bot.deliver(["strange": 1])
            let strange = try #require(
                try await eventually { () -> Explanation? in
                    let it = try await explained("delivery/2", bot)
                    return it.delivery?.state == .undecodable ? it : nil
                })
            #expect(strange.answer == "Nothing ran: it could not be understood: it is neither a command nor an alert")
        }
    }

    @Test func `What was refused says so`() async throws {
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("deploy", as: "U2")
            _ = await bot.message("operator", in: "private-U2")
            let it = try await explained("event/1", bot)
            #expect(it.answer.hasPrefix("Nothing ran: the answer was '"), "\(it.answer)")
            #expect(it.events.first?.identity == "chat:U2")
            #expect(it.reports.map(\.place) == ["chat:(private answer)"])
        }
    }

    @Test(arguments: [
        ("9", "There is no job 9."), ("event/9", "There is no event 9."), ("delivery/9", "There is no delivery 9."),
        ("nonsense", "'nonsense' is no id."), ("event/x", "'event/x' is no id."), ("", "'' is no id."),
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "defimon audit list --kind delivery.refused"),
    ])
    func `An unknown id says which forms there are`(id: String, words: String) async throws {
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            let error = await #expect(throws: Explainer.Unknown.self) { try await explained(id, bot) }
            #expect(error?.message.contains(words) == true)
            #expect(error?.message.contains(Explainer.forms) == true)
            try await bot.type("explain '\(id)'")
            #expect(await bot.message(words, in: "private-U1") != nil)
        }
    }

    @Test func `It reads from JSON as it was written`() async throws {
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let it = try await explained("1", bot)
            let json = try JSONValue(parsing: ListingJSON.encode(it))
            #expect(json["id"] == "job/1")
            #expect(json.at(path: "jobs.0.state") == "succeeded")
            #expect(json.at(path: "delivery.verified_sender") == "test")
            #expect(json["answer"] == .string(it.answer))
        }
    }
}
