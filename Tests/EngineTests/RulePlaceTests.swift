import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Places that a rule fills in from the event.
@Suite struct RulePlaceTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()

    init() throws { folder = try TemporaryFolder() }

    private func definitions(report: [String], escalate: [String] = []) throws -> DefinitionSet {
        let command = try Samples.command("restart", [Samples.step("one")])
        var rule = try Samples.rule("down", run: "restart")
        func places(_ texts: [String]) throws -> [PlaceTemplate] {
            try texts.map { PlaceTemplate(channel: "chat", address: try Template(parsing: $0)) }
        }
        rule.report = try places(report)
        rule.escalate = try places(escalate)
        return Samples.set([command], rules: [rule])
    }

    @Test func `The job is told where the event says, and escalated there too`() async throws {
        actions.answer("one", .failure(ActionError("broken")))
        let set = try definitions(report: ["#{{node}}", "#{{event.node}}"], escalate: ["#oncall-{{node}}"])
        try await Harness.run(set, actions: actions.types, in: folder) { bot in
            try await bot.alert("geth-0")
            let job = try #require(try await bot.job(1, in: .failed))
            #expect(job.reportTo == [Place(channel: "chat", address: "#geth-0")])
            #expect(await bot.message("failed", in: "#geth-0") != nil)
            #expect(await bot.message("Needs a person", in: "#oncall-geth-0") != nil)
        }
    }

    @Test(arguments: [
        (["#{{nope}}"], "nothing provides {{nope}}", "#ops"),
        (["#ok", "{{node}}{{nope}}"], "nothing provides {{nope}}", "#ok"),
    ])
    func `A place that cannot be filled in is the rule's problem, and told where it can be`(
        report: [String], reason: String, place: String
    ) async throws {
        try await Harness.run(definitions(report: report), actions: actions.types, in: folder) { bot in
            try await bot.alert("geth-0")
            let message = try #require(await bot.message("matched and could not run", in: place))
            #expect(message.contains(reason))
            #expect(try await bot.ledger.jobs(JobFilter()).isEmpty)
        }
    }

    @Test func `What comes from outside cannot break a place`() async throws {
        try await Harness.run(definitions(report: ["#{{node}}"]), actions: actions.types, in: folder) { bot in
            try await bot.alert("a\r\nBcc: b")
            let message = try #require(await bot.message("matched and could not run"))
            #expect(message.contains("control characters"))
        }
    }
}
