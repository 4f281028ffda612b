import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A bot that ended in the middle goes on where it was.
@Suite struct RestartTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [true, false])
    func `A job goes on at the step where it was, with the same key`(crashes: Bool) async throws {
        let command = try Samples.command("deploy", [Samples.step("one"), Samples.step("two")], lock: "l")
        let definitions = Samples.set([command])
        actions.close("two")
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, limits: limits, crashes: crashes
        ) {
            bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "change").count == 2 ? true : nil }
        }
        actions.open("two")
        let outlet = RecordingOutlet()
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["one", "two", "two"])
            #expect(actions.calls[1].key == actions.calls[2].key)
            #expect(try await bot.ledger.heldLocks().isEmpty)
        }
    }

    @Test func `A graceful stop says that the job goes on later`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        actions.close("one")
        let outlet = RecordingOutlet()
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, limits: limits
        ) {
            bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
        }
        #expect(outlet.latest(in: "#ops").contains { $0.contains("goes on at this step afterwards") })
    }

    @Test func `Told to stop at once, it cuts its steps without a grace, starts nothing more, and waits to be ended`()
        async throws
    {
        let command = try Samples.command("deploy", [Samples.step("one"), Samples.step("two")])
        let definitions = Samples.set([command, try Samples.command("other", [Samples.step("three")])])
        actions.close("one")
        let outlet = RecordingOutlet()
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            bot.engine.stopAtOnce()
            let isSaid: Bool? = await eventually(within: .seconds(30)) {
                outlet.latest(in: "#ops").contains { $0.contains("goes on at this step afterwards") } ? true : nil
            }
            #expect(isSaid == true)
            #expect(await bot.engine.notReadyReasons() == ["the bot is stopping"])
            try await bot.type("other")
        }
        #expect(actions.calls.map(\.what) == ["one"])
    }

    @Test(arguments: [
        ScriptedActions.OperationSearchAnswer.found, .notStarted, .cannotTell,
    ])
    func `An operation whose handle is known is only observed`(
        search: ScriptedActions.OperationSearchAnswer
    ) async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one", "test.operate")])])
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls(of: "observe").count == 1 ? true : nil }
        }
        actions.open("one")
        actions.found(search)
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls(of: "start").count == 1)
        }
    }

    @Test func `Where the provider cannot tell, the job is unknown, keeps its locks and says so`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one", "test.operate")], lock: "pool/x")
        actions.found(.cannotTell)
        actions.answer("one", .failure(ActionError("cut off", retry: .later(afterMilliseconds: nil))))
        var limits = Limits()
        limits.shutdownGrace = .zero
        try await Harness.run(
            Samples.set([command]), actions: LostHandle(actions).types, in: folder, time: time, limits: limits
        ) {
            bot in
            try await bot.type("deploy")
            #expect(await bot.message("try 1 failed") != nil)
            _ = try #require(try await bot.jobInTime(1, in: .unknown))
            #expect(try await bot.ledger.heldLocks().map(\.request.path) == ["pool/x"])
            #expect(await bot.message("nobody can tell") != nil)
            try await bot.type("deploy")
            #expect(await bot.message("waits for job 1") != nil)
            try await bot.type("job 1 failed", as: "U2")
            #expect(await bot.message("needs the role operator", in: "private-U2") != nil)
            try await bot.type("job 1 failed")
            _ = try #require(try await bot.job(1, in: .failed))
            #expect(await bot.message("olivia has looked: it did not take effect") != nil)
            _ = try #require(try await bot.job(2, in: .running, .unknown))
        }
    }

    @Test func `Who does not decide about an unknown job is called after ten minutes, once, also across a restart`()
        async throws
    {
        let command = try Samples.command("deploy", [Samples.step("one", "test.operate")], lock: "pool/x")
        actions.found(.cannotTell)
        actions.answer("one", .failure(ActionError("cut off", retry: .later(afterMilliseconds: nil))))
        var limits = Limits()
        limits.shutdownGrace = .zero
        let types = LostHandle(actions).types
        func calls(_ bot: Harness) async throws -> Int {
            try await bot.ledger.audit(AuditFilter(kind: "job.undecided")).count
        }
        func run(_ body: (Harness) async throws -> Void) async throws {
            try await Harness.run(
                Samples.set([command]), actions: types, in: folder, time: time, limits: limits, body)
        }
        try await run { bot in
            try await bot.type("deploy")
            #expect(await bot.message("try 1 failed") != nil)
            let job = try #require(try await bot.jobInTime(1, in: .unknown))
            let ended = try #require(job.endedAt)
            #expect(job.heldUntil == ended.advanced(by: .seconds(600)))
            time.advance(by: ended.advanced(by: .seconds(599)).since(time.now))
            // A later job is told, so the board has looked.
            try await bot.type("deploy")
            #expect(await bot.message("waits for job 1") != nil)
            #expect(try await calls(bot) == 0)
        }
        try await run { bot in
            let isCalled = try await eventually {
                time.advance(by: .seconds(1))
                return try await calls(bot) == 1 ? true : nil
            }
            #expect(isCalled == true)
            let told = await eventually { outlet(bot).first { $0.contains("Needs a person, since 10 min") } }
            #expect(told?.contains("holds pool/x") == true && told?.contains("/defimon job 1 succeeded") == true)
        }
        try await run { bot in
            time.advance(by: .seconds(3600))
            try await bot.type("job 1 succeeded")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await calls(bot) == 1)
        }
    }

    private func outlet(_ bot: Harness) -> [String] { bot.outlet.latest(in: "#ops") }

    @Test(arguments: [
        (StepState.failed, JobState.failed), (.cancelled, .cancelled), (.timedOut, .timedOut), (.unknown, .unknown),
    ])
    func `A step that had ended badly when the bot died ends the job; nothing after it runs`(
        step: StepState, job: JobState
    ) async throws {
        let command = try Samples.command("deploy", [Samples.step("one"), Samples.step("two")], lock: "l")
        let definitions = Samples.set([command])
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
        }
        try await Harness.change(folder, time: time) { ledger in
            var first = try #require(try await ledger.steps(jobID: 1).first)
            first.state = step
            first.error = "it was so"
            try await ledger.commit(LedgerChange([.saveStep(first)]))
        }
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(try await bot.job(1, in: job))
            #expect(actions.calls.map(\.what) == ["one"])
        }
    }

    @Test func `A wish to cancel outlives the run to which it was told`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one"), Samples.step("two")])])
        actions.close("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
        }
        try await Harness.change(folder, time: time) { ledger in
            var job = try #require(try await ledger.job(id: 1))
            job.version += 1
            job.cancelledBy = "olivia"
            try await ledger.commit(LedgerChange([.saveJob(job)]))
        }
        actions.open("one")
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(try await bot.job(1, in: .cancelled))
            #expect(actions.calls.map(\.what) == ["one"])
        }
    }

    @Test func `What was recorded and not looked at is taken up at the start`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { _ in }
        try await Harness.recordOnly(folder, time: time, ["text": "deploy", "user": "U1", "id": "x"])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }
}

/// The operation's start fails after it may have reached the provider.
private struct LostHandle {
    var actions: ScriptedActions
    init(_ actions: ScriptedActions) { self.actions = actions }

    var types: [ActionType] {
        actions.types.map { type in
            guard type.name == "test.operate" else { return type }
            return ActionType(type.name, type.summary, effect: .changes) { input in
                _ = input.text("what", "Which")
                return LosingAction()
            }
        }
    }
}

private struct LosingAction: RemoteOperation, Plannable {
    func start(_ context: ActionContext) async throws -> JSONValue {
        throw ActionError("the connection broke", retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: true)
    }
    func observe(_ handle: JSONValue, _ context: ActionContext) async throws -> OperationStatus { .done([:]) }
    func find(_ context: ActionContext) async throws -> OperationSearch { .cannotTell }
    func plan(_ context: ActionContext) async throws -> ActionPlan { ActionPlan(changes: []) }
}
