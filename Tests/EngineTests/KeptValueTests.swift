import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// What steps keep beyond their job.
@Suite final class KeptValueTests: Sendable {
    let folder: TemporaryFolder
    let time = VirtualTime()
    /// What actions were given, by what they do.
    private let seen = Mutex<[String: any KeptValues]>([:])

    init() throws { folder = try TemporaryFolder() }

    /// Does to what is kept what its input says: `set <key> <JSON>`, `remove <key>`, `read <key>`, `text <key> <bytes>`,
    /// `fill <beginning> <from> <to>`, `count <beginning>`.
    private struct KeepAction: RepeatableAction, Plannable {
        var what: [String]
        var tell: @Sendable (String, any KeptValues) -> Void

        func plan(_ context: ActionContext) async throws -> ActionPlan {
            tell("plan", context.kept)
            let before = try await context.kept.value(what[1])?.value?.plainText ?? "nothing"
            let refused: String
            do throws(ActionError) {
                try await context.kept.set(what[1], 1)
                refused = "a plan has set something"
            } catch { refused = error.message }
            return ActionPlan(changes: ["\(before) goes"], notes: [refused])
        }

        func perform(_ context: ActionContext) async throws -> JSONValue {
            tell(what[0], context.kept)
            switch what[0] {
            case "set": try await context.kept.set(what[1], try JSONValue(parsing: what[2]))
            case "set-secret": try await context.kept.set(what[1], ["password": "hunter2-very-secret"])
            case "remove": try await context.kept.remove(what[1])
            case "text":
                // A JSON text has two quotes.
                let bytes = try #require(Int(what[2]))
                try await context.kept.set(what[1], .string(String(repeating: "x", count: bytes - 2)))
                return ["summary": "kept"]
            case "fill":
                for number in try #require(Int(what[2]))...(try #require(Int(what[3]))) {
                    try await context.kept.set("\(what[1])/\(number)", .int(Int64(number)))
                }
            case "count": return ["summary": .string("\(try await context.kept.values(under: what[1]).count)")]
            default: break
            }
            return ["summary": .string(try await context.kept.value(what[1])?.value?.plainText ?? "nothing")]
        }
    }

    private var type: ActionType {
        ActionType("test.keep", "Keeps", effect: .changes) { [self] input in
            KeepAction(
                what: input.text("what", "What").split(separator: " ").map(String.init),
                tell: { [self] name, kept in seen.withLock { $0[name] = kept } })
        }
    }

    private func run(_ body: (Harness) async throws -> Void) async throws {
        let command = try Samples.command(
            "keep", [Samples.step("keep", "test.keep", what: "{{arguments.what}}")],
            arguments: [Samples.argument("what", .text(nil))])
        try await Harness.run(Samples.set([command]), actions: [type], in: folder, time: time, body)
    }

    private func done(_ line: String, _ id: JobID, _ bot: Harness) async throws -> String? {
        try await bot.type(line)
        let job = try #require(try await bot.job(id, in: .succeeded, .failed))
        return try await bot.ledger.steps(jobID: job.id).first.flatMap {
            $0.error ?? $0.output?["summary"]?.stringValue
        }
    }

    @Test func `what a job has kept others see, with who set it, until one removes it`() async throws {
        try await run { bot in
            #expect(try await done("keep \"set override/api/replicas 5\"", 1, bot) == "5")
            #expect(try await done("keep \"read override/api/replicas\"", 2, bot) == "5")
            let kept = try #require(try await bot.ledger.keptValue("override/api/replicas"))
            #expect(kept.jobID == 1)
            #expect(kept.requester == "olivia")
            #expect(kept.setAt == time.now)
            #expect(try await done("keep \"remove override/api/replicas\"", 3, bot) == "nothing")
            #expect(try await done("keep \"remove override/api/replicas\"", 4, bot) == "nothing")
            let audit = try await bot.ledger.audit(AuditFilter(kind: "kept."))
            #expect(audit.map(\.kind) == ["kept.removed", "kept.set"])
            #expect(audit.map(\.actor) == ["olivia", "olivia"])
            #expect(audit.allSatisfy { $0.subject == "kept/override/api/replicas" })
            #expect(audit.last?.detail == ["job": 1, "bytes": 1, "value": 5])
        }
    }

    @Test func `a plan reads what is kept and can set nothing`() async throws {
        try await run { bot in
            _ = try await done("keep \"set override/a 5\"", 1, bot)
            try await bot.type("keep \"set override/a 6\" --plan")
            _ = try #require(try await bot.job(2, in: .succeeded))
            let details = try await bot.ledger.steps(jobID: 2)[0].output?["details"]?.stringValue
            #expect(details?.contains("5 goes") == true)
            #expect(details?.contains("nothing can be kept here") == true)
            #expect(try await bot.ledger.keptValue("override/a")?.value == 5)
        }
    }

    @Test func `a step that outlives its job keeps nothing any more`() async throws {
        try await run { bot in
            _ = try await done("keep \"set override/a 5\"", 1, bot)
            let late = try #require(seen.withLock { $0["set"] })
            let error = await #expect(throws: ActionError.self) { try await late.set("override/a", 6) }
            #expect(error?.message.contains("job 1 does not run any more under lease") == true)
            let other = await #expect(throws: ActionError.self) { try await late.remove("override/a") }
            #expect(other?.message.contains("does not run any more") == true)
            #expect(try await bot.ledger.keptValue("override/a")?.value == 5)
        }
    }

    @Test func `a step of an earlier lease of its job keeps nothing, though the job runs again`() async throws {
        let actions = ScriptedActions()
        actions.close("last")
        let command = try Samples.command(
            "keep",
            [
                Samples.step("keep", "test.keep", what: "set override/a 5"), Samples.step("parcel", "test.wait"),
                Samples.step("last"),
            ])
        try await Harness.run(Samples.set([command]), actions: actions.types + [type], in: folder, time: time) { bot in
            try await bot.type("keep")
            _ = try #require(try await bot.job(1, in: .held))
            let late = try #require(seen.withLock { $0["set"] })
            let held = await #expect(throws: ActionError.self) { try await late.set("override/a", 6) }
            #expect(held?.message.contains("does not run any more") == true)
            actions.arrive("parcel")
            _ = try #require(try await bot.jobInTime(1, in: .running))
            _ = await eventually { actions.calls(of: "change").isEmpty ? nil : true }
            let running = await #expect(throws: ActionError.self) { try await late.set("override/a", 6) }
            #expect(running?.message.contains("job 1 does not run any more under lease 1") == true)
            #expect(try await bot.ledger.keptValue("override/a")?.value == 5)
            actions.open("last")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `a secret is not kept, nor what is no key`() async throws {
        try await run { bot in
            let secret = try await done("keep \"set-secret override/a\"", 1, bot)
            #expect(secret?.contains("has a secret in it") == true, "\(secret ?? "")")
            let key = try await done("keep \"set word 1\"", 2, bot)
            #expect(key?.contains("'word' is no key") == true)
            #expect(try await bot.ledger.keptValues(under: "", limit: 10).isEmpty)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "kept.")).isEmpty)
        }
    }

    @Test func `a value of four mebibytes is kept, one byte more is refused; the audit shows small ones`() async throws
    {
        try await run { bot in
            #expect(try await done("keep \"text k/a 4194304\"", 1, bot) == "kept")
            let error = try await done("keep \"text k/b 4194305\"", 2, bot)
            #expect(error == "a value of 4194305 bytes cannot be kept under k/b: it may have 4194304")
            #expect(try await bot.ledger.keptValue("k/b") == nil)
            #expect(try await done("keep \"text k/c 1024\"", 3, bot) == "kept")
            #expect(try await done("keep \"text k/d 1025\"", 4, bot) == "kept")
            let audit = try await bot.ledger.audit(AuditFilter(kind: "kept.set"))
            #expect(audit.map(\.subject) == ["kept/k/d", "kept/k/c", "kept/k/a"])
            #expect(audit.map { $0.detail["value"] == nil } == [true, false, true])
            #expect(audit.last?.detail["bytes"] == 4_194_304)
        }
    }

    @Test func `a list of a thousand is read, one of more is refused, and overrides past sixty are counted`()
        async throws
    {
        try await run { bot in
            func listed() async throws -> String {
                try await bot.engine.run(
                    "overrides", as: Identity(channel: "cli", userID: "root"), idempotencyKey: nil
                ).report.plainText
            }
            _ = try await done("keep \"fill override/a 1 60\"", 1, bot)
            #expect(try await listed().contains("a/60 = 60"))
            #expect(try await !listed().contains("more;"))
            _ = try await done("keep \"fill override/a 61 61\"", 2, bot)
            #expect(try await listed().contains("… and 1 more; /defimon overrides <text>"))
            _ = try await done("keep \"fill override/a 62 1000\"", 3, bot)
            #expect(try await done("keep \"count override/\"", 4, bot) == "1000")
            _ = try await done("keep \"fill override/a 1001 1001\"", 5, bot)
            #expect(
                try await done("keep \"count override/\"", 6, bot) == "more than 1000 values are kept under override/")
            #expect(try await done("keep \"count override/a/9\"", 7, bot) == "111")
        }
    }

    @Test func `the same again by the same job is no change, by another job it is`() async throws {
        let type = ActionType("test.twice", "Keeps twice", effect: .changes) { input in
            _ = input.text("what", "Nothing")
            return TwiceAction()
        }
        let command = try Samples.command("twice", [Samples.step("x", "test.twice")])
        try await Harness.run(Samples.set([command]), actions: [type], in: folder, time: time) { bot in
            for id in [1, 2] as [JobID] {
                try await bot.type("twice")
                _ = try #require(try await bot.job(id, in: .succeeded))
                #expect(try await bot.ledger.keptValue("k/a")?.jobID == id)
            }
            #expect(try await bot.ledger.audit(AuditFilter(kind: "kept.")).count == 2)
        }
    }

    private struct TwiceAction: RepeatableAction, Plannable {
        func plan(_ context: ActionContext) async throws -> ActionPlan { ActionPlan(changes: ["k/a"]) }
        func perform(_ context: ActionContext) async throws -> JSONValue {
            for _ in 0..<2 { try await context.kept.set("k/a", ["min": 2, "max": 8]) }
            return [:]
        }
    }

    @Test func `overrides are listed with who set them, and a text narrows them`() async throws {
        try await run { bot in
            func answer(_ text: String) async throws -> String {
                try await bot.engine.run(text, as: Identity(channel: "cli", userID: "root"), idempotencyKey: nil)
                    .report.plainText
            }
            #expect(try await answer("overrides").contains("No overrides"))
            _ = try await done("keep \"set override/kubernetes/a/replicas 5\"", 1, bot)
            _ = try await done("keep \"set override/kubernetes/b/bounds [2,8]\"", 2, bot)
            _ = try await done("keep \"set proven/kubernetes/a 1\"", 3, bot)
            let all = try await answer("overrides")
            #expect(all.contains("kubernetes/a/replicas = 5  set by olivia on 2026-09-21 with job 1"), "\(all)")
            #expect(all.contains("kubernetes/b/bounds = [2,8]"))
            #expect(!all.contains("proven"))
            let some = try await answer("overrides b/bounds")
            #expect(some.contains("b/bounds") && !some.contains("a/replicas"))
            #expect(try await answer("overrides nothing").contains("whose name holds 'nothing'"))
        }
    }
}
