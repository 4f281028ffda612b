import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What goes on at a provider when its step is cut off.
@Suite struct StopWorkTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func definitions(timeout: Duration? = nil) throws -> DefinitionSet {
        Samples.set([try Samples.command("deploy", [Samples.step("one", "test.operate", timeout: timeout)])])
    }

    @Test func `A cancelled step ends what it began, after its own task is over`() async throws {
        actions.close("one")
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
            try await bot.type("cancel 1")
            _ = try #require(try await bot.job(1, in: .cancelled))
            #expect(actions.calls.map(\.name) == ["start", "observe", "stop"])
            #expect(Set(actions.calls.map(\.key)).count == 1)
            #expect(try await bot.ledger.steps(jobID: 1).first?.error?.contains("could not be ended") == false)
        }
    }

    @Test func `So does one that takes too long`() async throws {
        actions.close("one")
        let definitions = try definitions(timeout: .seconds(60))
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
            _ = try #require(try await bot.jobInTime(1, in: .timedOut))
            #expect(actions.calls(of: "stop").count == 1)
        }
    }

    @Test func `What could not be ended is said, be it an error or no answer in time`() async throws {
        actions.close("one")
        actions.answer("stop one", .failure(ActionError("the cluster is away")))
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
            try await bot.type("cancel 1")
            _ = try #require(try await bot.job(1, in: .cancelled))
            let error = try await bot.ledger.steps(jobID: 1).first?.error
            #expect(error?.contains("what it began could not be ended: the cluster is away") == true)
            actions.close("stop one")
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 2 ? true : nil }
            try await bot.type("cancel 2")
            _ = await eventually { actions.calls(of: "stop").count == 2 ? true : nil }
            _ = try #require(try await bot.jobInTime(2, in: .cancelled))
            let second = try await bot.ledger.steps(jobID: 2).first?.error
            #expect(second?.contains("could not be ended: no answer within 30 s") == true)
        }
    }

    @Test(arguments: [true, false])
    func `A bot that stops ends nothing, and a cancel after its return does`(crashes: Bool) async throws {
        actions.close("one")
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(
            try definitions(), actions: actions.types, in: folder, time: time, limits: limits, crashes: crashes
        ) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
        }
        #expect(actions.calls(of: "stop").isEmpty)
        try await Harness.run(try definitions(), actions: actions.types, in: folder, time: time) { bot in
            _ = await eventually { actions.calls(of: "observe").count == 2 ? true : nil }
            try await bot.type("cancel 1")
            _ = try #require(try await bot.job(1, in: .cancelled))
            #expect(actions.calls(of: "stop").count == 1)
        }
    }
}
