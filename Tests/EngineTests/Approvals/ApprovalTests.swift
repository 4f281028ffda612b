import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A job that needs an approval starts when others have looked at its plan.
@Suite struct ApprovalTests {
    let world: ApprovalWorld

    init() throws { world = try ApprovalWorld() }

    @Test func `A job waits with its plan and without locks, and starts when another person approves it`() async throws
    {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            let job = try #require(try await world.asked(bot))
            #expect(try await bot.ledger.heldLocks().isEmpty)
            #expect(world.changes.isEmpty)
            let plan = try #require(job.approval?.plan)
            let message = try #require(await bot.messageInTime("Approve: /defimon approve 1 \(plan.shortHash)"))
            for words in [
                "one becomes new", "two becomes new", "May approve: 1 of lead: Lena, Leo", "Missing: 1 more of lead",
                "Until: ", "Deny: /defimon deny 1 \(plan.shortHash)",
            ] { #expect(message.contains(words)) }
            try await bot.type("approve 1 \(plan.shortHash) looks right", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(world.changes == ["one", "two"])
            let said = await world.answer("Job 1 (deploy, plan \(plan.shortHash), 2 changes): approved.", to: "U3")
            #expect(said != nil)
            #expect(try await bot.ledger.steps(jobID: 1).allSatisfy { $0.attempt == 1 })
            let kinds = try await world.kinds(bot)
            #expect(
                kinds == [
                    "job.created", "job.planned", "job.waiting-approval", "job.approval-given", "job.queued",
                    "job.running", "job.succeeded",
                ])
            let given = try await bot.ledger.audit(AuditFilter(kind: "job.approval-given"))
            #expect(given.map(\.actor) == ["lena"])
            try await bot.type("explain 1")
            let explained = await world.answer("job.approval-given  by lena: looks right", to: "U1")
            #expect(explained != nil)
        }
    }

    @Test func `One's own approval, a viewer's and a stranger's do not count, and are on record`() async throws {
        var definitions = try ApprovalWorld.definitions([ApprovalWorld.set(from: ["lead", "operator"])])
        definitions.people[1].roles = ["viewer"]
        try await world.run(definitions) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("approve 1")
            #expect(await world.answer("is your own, and another person must approve it", to: "U1") != nil)
            try await bot.type("approve 1", as: "U2")
            #expect(await world.answer("is not yours to say. Needed: 1 of lead or operator", to: "U2") != nil)
            try await bot.type("deny 1", as: "U2")
            _ = await eventually { world.outlet.latest(in: "private-U2").count == 2 ? true : nil }
            try await bot.type("approve 1", as: "U99")
            #expect(await world.answer("U99", to: "U99") != nil)
            #expect(try await bot.ledger.job(id: 1)?.approval?.votes == [])
            #expect(try await bot.ledger.job(id: 1)?.state == .waitingApproval)
            let refused = try await bot.ledger.audit(AuditFilter(kind: "job.approval-refused"))
            #expect(refused.map(\.actor) == ["victor", "victor", "olivia"])
        }
    }

    @Test func `What an earlier step makes is known later, and the plan goes past it`() async throws {
        world.actions.plan("two", .failure(ActionError("there is no cluster", missing: "the cluster is there")))
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            let plan = try #require(try await world.asked(bot)?.approval?.plan)
            #expect(plan.changes == 1)
            #expect(plan.parts.last?.lines == ["known later: what it changes, when the cluster is there"])
            try await bot.type("approve 1 \(plan.shortHash)", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(world.changes == ["one", "two"])
        }
    }

    @Test func `One person under two identities counts once`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set(need: 2)])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            #expect(await world.answer("approved by you; needs 1 more of lead", to: "U3") != nil)
            let second = try await bot.engine.run(
                "approve 1", as: Identity(channel: "cli", userID: "lena"), idempotencyKey: nil)
            #expect(!second.isAccepted)
            #expect(second.report.title.contains("You have approved job 1 already, as chat:U3"))
            #expect(second.report.title.contains("A person counts once"))
            #expect(try await bot.ledger.job(id: 1)?.state == .waitingApproval)
            try await bot.type("approve 1", as: "U4")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `A person of the machine's command line may approve and deny`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            let lena = Identity(channel: "cli", userID: "lena")
            try await bot.type("deploy")
            try await world.asked(bot)
            let answer = try await bot.engine.run("approve #1", as: lena, idempotencyKey: nil)
            #expect(answer.isAccepted)
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.type("deploy")
            try await world.asked(bot, 2)
            _ = try await bot.engine.run("deny 2 the chain is being moved", as: lena, idempotencyKey: nil)
            let job = try #require(try await bot.job(2, in: .denied))
            #expect(job.reason == "denied by lena: the chain is being moved")
        }
    }

    @Test func `Two clicks at once count one after the other`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            async let first = bot.engine.run(
                "approve 1", as: Identity(channel: "chat", userID: "U3"), idempotencyKey: nil)
            async let second = bot.engine.run(
                "approve 1", as: Identity(channel: "chat", userID: "U4"), idempotencyKey: nil)
            let answers = try await [first, second]
            #expect(answers.count(where: \.isAccepted) == 1)
            let refused = try #require(answers.first { !$0.isAccepted })
            #expect(refused.report.title.contains("does not wait for an approval but is"))
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(world.changes == ["one", "two"])
            #expect(try await bot.ledger.audit(AuditFilter(kind: "job.approval-given")).count == 1)
        }
    }

    @Test func `A click that comes twice by the network counts once`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set(need: 2)])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            let click: JSONValue = ["text": "approve 1", "user": "U3", "id": "click-1"]
            let first = try await bot.deliver(click, id: "click-1")
            let second = try await bot.deliver(click, id: "click-1")
            #expect(!first.isDuplicate)
            #expect(second.isDuplicate)
            #expect(await world.answer("needs 1 more of lead", to: "U3") != nil)
            // What comes as another delivery of the same is no second vote either.
            try await bot.deliver(click, id: "click-2")
            try await bot.type("whoami", as: "U4")
            #expect(await world.answer("You are Leo", to: "U4") != nil)
            #expect(try await bot.ledger.job(id: 1)?.approval?.votes.count == 1)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "job.approval-given")).count == 1)
            #expect(try await bot.ledger.audit(AuditFilter(kind: "job.approval-refused")).isEmpty)
        }
    }

    @Test func `So many denials as the definition says end it`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set(need: 2, deny: 2)])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("deny 1 \"not today\"", as: "U3")
            #expect(await world.answer("denied by you", to: "U3") != nil)
            #expect(try await bot.ledger.job(id: 1)?.state == .waitingApproval)
            try await bot.type("deny 1", as: "U4")
            let job = try #require(try await bot.job(1, in: .denied))
            #expect(job.reason == "denied by leo: no reason given")
            try await bot.type("approve 1", as: "U3")
            #expect(await world.answer("Too late: job 1 is denied", to: "U3") != nil)
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `Who denies after having approved takes the approval back`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set(need: 2, deny: 2)])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            #expect(await world.answer("needs 1 more", to: "U3") != nil)
            try await bot.type("deny 1", as: "U3")
            #expect(await world.answer("needs 2 more", to: "U3") != nil)
        }
    }

    @Test func `Of several sets any one is enough, and a denial ends only those of its own`() async throws {
        let sets = [try ApprovalWorld.set(need: 2), try ApprovalWorld.set(from: ["admin"])]
        try await world.run(try ApprovalWorld.definitions(sets)) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            #expect(await bot.messageInTime("May approve: 2 of lead: Lena, Leo, or 1 of admin: Ada") != nil)
            try await bot.type("deny 1 \"too risky\"", as: "U3")
            #expect(await world.answer("denied by you; needs 1 more of admin", to: "U3") != nil)
            try await bot.type("approve 1", as: "U4")
            #expect(await world.answer("is not yours to say. Needed: 1 of admin.\nWho can: Ada", to: "U4") != nil)
            try await bot.type("approve 1", as: "U5")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `In an emergency one's own approval counts, with a reason, and everybody is told`() async throws {
        try await world.run(
            try ApprovalWorld.definitions([ApprovalWorld.set(from: ["lead"], own: true)])
        ) { bot in
            try await bot.type("deploy", as: "U4")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U4")
            #expect(await world.answer("In an emergency you may approve it all the same", to: "U4") != nil)
            #expect(try await bot.ledger.job(id: 1)?.state == .waitingApproval)
            try await bot.type("approve 1 \"the chain stands still\"", as: "U4")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let loud = await bot.messageInTime(
                "Leo has approved their own job 1 (deploy): the chain stands still")
            #expect(loud != nil)
            let given = try await bot.ledger.audit(AuditFilter(kind: "job.approval-given"))
            #expect(given.first?.detail["own"] == true)
        }
    }

    @Test func `Conditions on arguments and on the plan say whether anybody is asked`() async throws {
        let sets = [
            try ApprovalWorld.set(when: ["arguments.force = true"]),
            try ApprovalWorld.set(from: ["admin"], when: ["plan.deletions > 0", "plan.changes >= 2"]),
        ]
        var forced = try ApprovalWorld.definitions([sets[0]])
        forced.commands["late"] = try ApprovalWorld.definitions([sets[1]]).commands["deploy"]
        forced.commands["late"]?.name = "late"
        try await world.run(forced) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            // Nobody can be asked: it is not even planned.
            #expect(world.actions.calls(of: "plan").isEmpty)
            try await bot.type("deploy --force")
            try await world.asked(bot, 2)
            try await bot.type("late")
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(try await bot.ledger.job(id: 3)?.approval?.plan?.changes == 2)
            world.actions.plan("two", .success(ActionPlan(changes: ["two is deleted"], deletions: 1)))
            try await bot.type("late")
            let job = try #require(try await world.asked(bot, 4))
            #expect(job.approval?.sets.map(\.from) == [["admin"]])
        }
    }

    @Test func `A plan alone asks nobody`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()], confirm: true)) { bot in
            try await bot.type("deploy --plan")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `A plan that fails ends the job and says so`() async throws {
        world.actions.plan("two", .failure(ActionError("the provider says no")))
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            let job = try #require(try await bot.job(1, in: .failed))
            #expect(job.reason == "the plan failed at step 'Step two': the provider says no")
            #expect(await bot.messageInTime("the provider says no") != nil)
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `No secret of a plan is kept or shown, also where a line is cut within it`() async throws {
        let secret = "hunter2-very-secret"
        let long = String(repeating: "x", count: JobPlan.longestLine - 8) + secret
        let tooLong = String(repeating: "y", count: JobPlan.longestLine + 1)
        let many = (1...JobPlan.mostLines).map { "line \($0)" }
        world.actions.plan("one", .success(ActionPlan(changes: [long, "password \(secret)", tooLong])))
        world.actions.plan("two", .success(ActionPlan(changes: many)))
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            let job = try #require(try await world.asked(bot))
            let text = try JSONValue(encoding: job).canonicalText
            #expect(!text.contains("hunter2"))
            let message = try #require(await bot.messageInTime("Approve: /defimon approve 1"))
            #expect(message.contains("password <secret>"))
            #expect(!message.contains("hunter2"))
            // As many lines as are kept, and how many more there are.
            let plan = try #require(job.approval?.plan)
            #expect(plan.changes == 103)
            #expect(plan.parts[0].lines[0].count == JobPlan.longestLine)
            #expect(plan.parts[0].lines[2] == tooLong.dropLast() + "…")
            #expect(plan.parts[1].lines.count == JobPlan.mostLines - 3 + 1)
            #expect(plan.parts[1].lines.last == "and 3 more")
        }
    }

    @Test func `A plan that does not end is given up after ten minutes`() async throws {
        world.actions.close("plan one")
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            _ = await eventually { world.actions.calls(of: "plan").isEmpty ? nil : true }
            try await bot.type("approve 1", as: "U3")
            #expect(await world.answer("still plans what it would change", to: "U3") != nil)
            let job = try #require(try await bot.jobInTime(1, step: .seconds(100), in: .failed))
            #expect(job.reason?.contains("it took too long") == true)
            world.actions.open("plan one")
        }
    }

    @Test func `An alert's job is approved the same way, and who is on call is told at once`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.alert("geth-0")
            try await world.asked(bot)
            let told = await bot.message("Needs approval: deploy · job 1 · waiting for approval", in: "#oncall")
            #expect(told?.contains("Approve: /defimon approve 1") == true)
            try await bot.type("approve 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.alert("geth-1")
            try await world.asked(bot, 2)
            try await bot.alert("geth-1", isFiring: false)
            _ = try #require(try await bot.job(2, in: .cancelled))
        }
    }

    @Test func `Approvals may be given during a freeze; what they allow is held until the thaw`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("freeze maintenance", as: "U3")
            _ = try #require(await bot.messageInTime("The bot is frozen by lena"))
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .held))
            try await bot.type("thaw", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await bot.ledger.audit(AuditFilter(kind: "job.approval-given")).count == 1)
        }
    }

    @Test func `A waiting job can be cancelled by who asked, while it is planned too`() async throws {
        world.actions.close("plan one")
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            _ = await eventually { world.actions.calls(of: "plan").isEmpty ? nil : true }
            try await bot.type("cancel 1")
            _ = try #require(try await bot.job(1, in: .cancelled))
            world.actions.open("plan one")
            try await bot.type("deploy")
            try await world.asked(bot, 2)
            try await bot.type("cancel 2")
            _ = try #require(try await bot.job(2, in: .cancelled))
            #expect(world.changes.isEmpty)
        }
    }
}
