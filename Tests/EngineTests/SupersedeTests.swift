import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Of jobs about the same thing, the newest goes on.
@Suite struct SupersedeTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func command(_ steps: [StepDefinition], onFailure: OnFailure = OnFailure()) throws -> CommandDefinition {
        try Samples.command(
            "preview", steps, arguments: [Samples.argument("number", .integer(nil))], lock: "p/{{arguments.number}}",
            onFailure: onFailure, supersedes: "preview/{{arguments.number}}", about: "preview/{{arguments.number}}")
    }

    @Test func `A newer job stops the one that runs, which cleans up before the newer one begins`() async throws {
        let steps = try [Samples.step("one")]
        let definitions = Samples.set([
            try command(steps, onFailure: OnFailure(steps: [Samples.step("tidy", what: "tidy-{{failure.outcome}}")]))
        ])
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("preview 42")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.type("preview 43")
            try await bot.type("preview 42")
            let old = try #require(try await bot.job(1, in: .superseded))
            #expect(old.reason == "job 3 has taken its place")
            actions.open("one")
            _ = try #require(try await bot.job(3, in: .succeeded))
            _ = try #require(try await bot.job(2, in: .succeeded))
            let calls = actions.calls.map(\.what)
            #expect(calls.firstIndex(of: "tidy-superseded").map { calls[$0...].contains("one") } == true)
        }
    }

    @Test func `One that waits in the queue or at a step gives its place at once`() async throws {
        let definitions = Samples.set([try command([Samples.step("image", "test.wait")])])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("preview 42")
            _ = try #require(try await bot.job(1, in: .held))
            try await bot.type("preview 42")
            _ = try #require(try await bot.job(1, in: .superseded))
            _ = try #require(try await bot.job(2, in: .held))
            actions.arrive("image")
            try await bot.deliver(["news": "parcel/image"])
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `What a crash kept from being superseded is so after the next start`() async throws {
        let definitions = Samples.set([try command([Samples.step("image", "test.wait")])])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: true) { bot in
            try await bot.type("preview 42")
            _ = try #require(try await bot.job(1, in: .held))
        }
        // A second job that was written, and whose maker died before it told the first.
        try await Harness.change(folder, time: time) { ledger in
            var job = try #require(try await ledger.job(id: 1))
            let steps = try await ledger.steps(jobID: 1)
            job.id = 2
            job.version = 1
            job.state = .queued
            job.startedAt = nil
            job.wait = nil
            try await ledger.commit(
                LedgerChange(
                    [.saveJob(job)]
                        + steps.map { step in
                            var step = step
                            step.jobID = 2
                            step.state = .pending
                            return .saveStep(step)
                        }))
        }
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(try await bot.jobInTime(1, in: .superseded))
            _ = try #require(try await bot.job(2, in: .held))
        }
    }

    @Test func `A plan supersedes nothing`() async throws {
        let definitions = Samples.set([try command([Samples.step("image", "test.wait")])])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("preview 42")
            _ = try #require(try await bot.job(1, in: .held))
            try await bot.type("preview 42 --plan")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await bot.ledger.job(id: 1)?.state == .held)
        }
    }

    @Test func `Where a place is about one thing, its jobs share a message, which only the newest writes`() async throws
    {
        let definitions = Samples.set([try command([Samples.step("look", "test.look"), Samples.step("one")])])
        let outlet = RecordingOutlet(channel: "thing", sharesMessages: true)
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            func ask(_ id: String) async throws {
                try await bot.deliver(["text": "preview 42", "user": "U1", "id": .string(id), "shared": true])
            }
            try await ask("a")
            _ = await eventually { actions.calls(of: "change").count == 1 ? true : nil }
            try await ask("b")
            _ = try #require(try await bot.job(1, in: .superseded))
            actions.open("one")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(await bot.message("job 2 · succeeded") != nil)
            #expect(outlet.latest(in: "#ops").count == 1)
            // One that finds out that it makes no sense tells who asked, beside the shared message.
            actions.answer("look", .failure(ActionError("closed", isOutdated: true)))
            try await ask("c")
            _ = try #require(try await bot.job(3, in: .superseded))
            try await ask("d")
            _ = try #require(try await bot.job(4, in: .succeeded))
            #expect(await bot.message("job 4 · succeeded") != nil)
            #expect(outlet.latest(in: "#ops").count == 2)
            #expect(outlet.latest(in: "#ops")[0].contains("job 4"))
            #expect(outlet.latest(in: "#ops")[1].contains("closed"))
        }
    }
}
