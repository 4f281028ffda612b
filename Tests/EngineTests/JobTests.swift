import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What becomes of what people ask for.
@Suite struct JobTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()

    init() throws { folder = try TemporaryFolder() }

    @Test func `A person's command runs its steps in order and is told in one message`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one"), Samples.step("two")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["one", "two"])
            let message = try #require(await bot.message("succeeded"))
            #expect(message.contains("✓ Step one"))
            #expect(message.contains("Asked by: Olivia"))
            #expect(bot.outlet.latest(in: "#ops").count == 1)
        }
    }

    @Test func `The same delivery many times at once gives one job`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await bot.deliver(["text": "deploy", "user": "U1", "id": "same"], id: "delivery-1")
                    }
                }
                try await group.waitForAll()
            }
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.count == 1)
            #expect(try await bot.ledger.jobs(JobFilter()).count == 1)
        }
    }

    @Test func `Somebody unknown is refused in private, and the refusal is in the audit`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy", as: "U9")
            #expect(await bot.message("I do not know you", in: "private-U9") != nil)
            #expect(actions.calls.isEmpty)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "authorization.denied")).count == 1)
        }
    }

    @Test func `A missing role is named, and who has it`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy", as: "U2")
            let answer = try #require(await bot.message("needs the role operator", in: "private-U2"))
            #expect(answer.contains("Olivia"))
            #expect(try await bot.ledger.jobs(JobFilter()).isEmpty)
        }
    }

    @Test(arguments: [
        ("depoly", "/defimon deploy"), ("deploy fast", "one word too many"),
        ("scale two", "a whole number from 1 to 9"),
        ("scale", "'count' is missing"), ("deploy \"x", "a quote is opened"),
    ])
    func `A wrong command line is answered with what would be right, and nothing runs`(text: String, answer: String)
        async throws
    {
        let deploy = try Samples.command("deploy", [Samples.step("one")])
        let scale = try Samples.command(
            "scale", [Samples.step("one")], arguments: [Samples.argument("count", .integer(1...9))])
        try await Harness.run(Samples.set([deploy, scale]), actions: actions.types, in: folder) { bot in
            try await bot.type(text)
            #expect(await bot.message(answer, in: "private-U1") != nil)
            #expect(actions.calls.isEmpty)
        }
    }

    @Test func `Jobs with one lock run one after the other, and the second says what it waits for`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")], lock: "pool/analytics")
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            actions.close("one")
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("deploy")
            #expect(await bot.message("waits for job 1") != nil)
            #expect(await bot.engine.queue().map(\.id) == [2])
            #expect(actions.calls.count == 1)
            actions.open("one")
            _ = try #require(try await bot.job(2, in: .succeeded))
            let first = try #require(try await bot.ledger.job(id: 1))
            let second = try #require(try await bot.ledger.job(id: 2))
            #expect(try #require(first.endedAt) <= #require(second.startedAt))
        }
    }

    @Test func `A job behind a waiting one does not overtake it for a lock that both need`() async throws {
        let one = try Samples.command("one", [Samples.step("one")], lock: "a")
        let both = try Samples.command("both", [Samples.step("both")], lock: "a/b")
        try await Harness.run(Samples.set([one, both]), actions: actions.types, in: folder) { bot in
            actions.close("one")
            try await bot.type("one")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("both")
            try await bot.type("one")
            #expect(await bot.message("job 3 · queued") != nil)
            actions.open("one")
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["one", "both", "one"])
        }
    }

    @Test func `No more jobs run side by side than the limit says`() async throws {
        var limits = Limits()
        limits.concurrentJobs = 2
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder, limits: limits) { bot in
            actions.close("one")
            for _ in 0..<3 { try await bot.type("deploy") }
            #expect(await bot.message("2 jobs run already") != nil)
            #expect(actions.calls.count == 2)
            actions.open("one")
            _ = try #require(try await bot.job(3, in: .succeeded))
        }
    }

    @Test func `More waiting jobs than the limit are refused`() async throws {
        var limits = Limits()
        limits.waitingJobs = 1
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder, limits: limits) { bot in
            actions.close("one")
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("deploy")
            #expect(await bot.message("1 jobs wait already", in: "private-U1") != nil)
            actions.open("one")
        }
    }

    @Test func `Outputs of earlier steps are inputs of later ones; if and unless decide`() async throws {
        let command = try Samples.command(
            "deploy",
            [
                Samples.step("one", "test.look"), Samples.step("two", what: "{{steps.one.word}}"),
                Samples.step("never", if: ["steps.one.word = other"]),
                Samples.step("not", unless: ["arguments.fast = true"]),
            ], arguments: [Samples.argument("fast", .flag, isRequired: false)])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy --fast")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["one", "done-one"])
            let steps = try await bot.ledger.steps(jobID: 1)
            #expect(steps.map(\.state) == [.succeeded, .succeeded, .skipped, .skipped])
        }
    }

    @Test func `A plan asks every step what it would change, and changes nothing`() async throws {
        let command = try Samples.command(
            "deploy",
            [
                Samples.step("one"), Samples.step("look", "test.look"),
                Samples.step("later", what: "{{steps.one.word}}"),
            ],
            lock: "pool/analytics")
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy --plan")
            let message = try #require(await bot.message("This is what it would change (1)"))
            #expect(message.contains("one becomes new"))
            #expect(message.contains("known after {{steps.one.word}}"))
            #expect(actions.calls.map(\.name) == ["plan"])
            #expect(try await bot.ledger.heldLocks().isEmpty)
        }
    }

    @Test func `A plan says of a step on what it depends whether it runs, and claims nothing that it cannot know`()
        async throws
    {
        let command = try Samples.command(
            "deploy",
            [
                Samples.step("look", "test.look"), Samples.step("two", if: ["steps.look.word != other"]),
                Samples.step("three", if: ["steps.look.word = other"]),
                Samples.step("never", if: ["arguments.fast = true"]),
                Samples.step("four", if: ["steps.never.word = other"]),
            ], arguments: [Samples.argument("fast", .flag, isRequired: false)])
        let unknown = try Samples.command(
            "check", [Samples.step("look", "test.look"), Samples.step("two", if: ["steps.look.word = other"])])
        try await Harness.run(Samples.set([command, unknown]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy --plan")
            let message = try #require(await bot.message("This is what it would change (1)"))
            #expect(message.contains(#"if steps.look.word != "other": two becomes new"#), "\(message)")
            #expect(message.contains(#"needed if steps.look.word = "other""#), "\(message)")
            let steps = try await bot.ledger.steps(jobID: 1)
            #expect(steps.map(\.state) == [.succeeded, .succeeded, .succeeded, .skipped, .skipped])
            try await bot.type("check --plan")
            #expect(
                await bot.message("Nothing to do, as far as it can be told before; known when it runs: Step two.")
                    != nil)
        }
    }

    @Test func `A step that passes by itself is tried again, not before the provider said`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        actions.answer("one", .failure(ActionError("busy", retry: .later(afterMilliseconds: 30_000))))
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy")
            #expect(await bot.message("try 1 failed, again at") != nil)
            let failed = bot.time.now
            let job = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(try #require(job.endedAt).timeIntervalSince(failed) >= 30)
            #expect(actions.calls.count == 2)
            #expect(Set(actions.calls.map(\.key)).count == 1)
        }
    }

    @Test func `A failed step ends the job with the provider's words, the state of things and what to try`()
        async throws
    {
        let cleanUp = OnFailure(
            steps: [try Samples.step("clean")], says: "{{arguments.pool}} is half way", hint: "look at the logs")
        let command = try Samples.command(
            "deploy", [Samples.step("one"), Samples.step("two"), Samples.step("three")],
            arguments: [Samples.argument("pool", .text(nil))], onFailure: cleanUp)
        actions.answer("two", .failure(ActionError("quota 'CPUS' exceeded with hunter2-very-secret")))
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy analytics")
            let message = try #require(await bot.message("failed"))
            #expect(message.contains("Failed step: Step two"))
            #expect(message.contains("quota 'CPUS' exceeded with <secret>"))
            #expect(message.contains("State now: analytics is half way"))
            #expect(message.contains("What to try: look at the logs"))
            #expect(actions.calls.map(\.what) == ["one", "two", "clean"])
            #expect(try await bot.ledger.heldLocks().isEmpty)
        }
    }

    @Test func `A step that takes too long times out, and so does the job`() async throws {
        let step = try Samples.command("slow-step", [Samples.step("one", timeout: .seconds(10))])
        let job = try Samples.command("slow-job", [Samples.step("two")], timeout: .seconds(20))
        try await Harness.run(Samples.set([step, job]), actions: actions.types, in: folder) { bot in
            actions.close("one")
            actions.close("two")
            try await bot.type("slow-step")
            try await bot.type("slow-job")
            _ = await eventually { actions.calls.count == 2 ? true : nil }
            let first = try #require(try await bot.jobInTime(1, in: .timedOut))
            let second = try #require(try await bot.jobInTime(2, in: .timedOut))
            #expect(try #require(first.endedAt).since(#require(first.startedAt)) >= .seconds(10))
            #expect(try #require(second.endedAt).since(#require(second.startedAt)) >= .seconds(20))
            #expect(await bot.message("took longer than 10 s, its limit") != nil)
        }
    }

    @Test func `A cancel reaches the step that runs`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one"), Samples.step("two")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            actions.close("one")
            try await bot.type("deploy")
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            try await bot.type("cancel 1")
            let job = try #require(try await bot.job(1, in: .cancelled))
            #expect(job.cancelledBy == "olivia")
            #expect(actions.calls.map(\.what) == ["one"])
            #expect(await bot.message("it may have taken effect") != nil)
        }
    }

    @Test func `A job that waited too long does not run`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")], lock: "l", startWithin: .seconds(60))
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            actions.close("one")
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("deploy")
            #expect(await bot.message("waits for job 1") != nil)
            let job = try #require(try await bot.jobInTime(2, in: .expired))
            #expect(try #require(job.endedAt) >= job.startBefore)
            actions.open("one")
        }
    }

    @Test func `Who lost the role while the job waited is refused when its turn comes`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")], lock: "l")
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            actions.close("one")
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("deploy")
            _ = try #require(try await bot.job(2, in: .queued))
            var changed = bot.definitions.value
            changed.people[0].roles = ["viewer"]
            bot.definitions.replace(with: changed)
            actions.open("one")
            _ = try #require(try await bot.job(2, in: .denied))
            #expect(actions.calls.count == 1)
        }
    }

    @Test func `Built-in commands answer in private`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("help")
            #expect(await bot.message("/defimon deploy", in: "private-U1") != nil)
            try await bot.type("help deploy")
            #expect(await bot.message("Does deploy.", in: "private-U1") != nil)
            try await bot.type("whoami")
            #expect(await bot.message("You are Olivia", in: "private-U1") != nil)
            try await bot.type("status analytics")
            #expect(await bot.message("pool analytics is fine", in: "private-U1") != nil)
            try await bot.type("status analitics")
            #expect(await bot.message("did you mean 'analytics'?", in: "private-U1") != nil)
            #expect(bot.outlet.latest(in: "#ops").isEmpty)
        }
    }

    @Test func `Explain tells the story of a job`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let report = try await Explainer(reader: bot.ledger).explain("1").report
            #expect(report.plainText.contains("/defimon deploy"))
            #expect(report.plainText.contains("job.succeeded"))
        }
    }

    @Test func `The same idempotency key from the command line gives one job`() async throws {
        let command = try Samples.command("deploy", [Samples.step("one")])
        try await Harness.run(Samples.set([command]), actions: actions.types, in: folder) { bot in
            let olivia = Identity(channel: "cli", userID: "root")
            let first = try await bot.engine.run("deploy", as: olivia, idempotencyKey: "k")
            #expect(first.jobID == 1)
            let second = try await bot.engine.run("deploy", as: olivia, idempotencyKey: "k")
            #expect(second.jobID == nil)
            #expect(second.report.title.contains("received already"))
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.count == 1)
        }
    }
}
