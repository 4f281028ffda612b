import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// An approval holds for one plan, for the approvers' roles and for its time; else it is void.
@Suite struct ApprovalVoidTests {
    let world: ApprovalWorld

    init() throws { world = try ApprovalWorld() }

    /// `deploy` is approved by Lena and waits for the lock, which `other` holds as job 1.
    private func approvedBehindAnother(_ bot: Harness) async throws -> JobPlan {
        world.actions.close("long")
        try await bot.type("other")
        _ = try #require(try await bot.job(1, in: .running))
        try await bot.type("deploy")
        let job = try #require(try await world.asked(bot, 2))
        try await bot.type("approve 2", as: "U3")
        _ = try #require(try await bot.job(2, in: .queued))
        return try #require(job.approval?.plan)
    }

    @Test func `A plan that is another when the job starts voids the approval, which is asked for again`() async throws
    {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            let old = try await approvedBehindAnother(bot)
            world.actions.plan("two", .success(ActionPlan(changes: ["two is taken away"], deletions: 1)))
            world.actions.open("long")
            let job = try #require(try await world.asked(bot, 2))
            let new = try #require(job.approval?.plan)
            #expect(new.hash != old.hash)
            #expect(new.deletions == 1)
            #expect(job.approval?.votes == [])
            #expect(job.startedAt == nil)
            #expect(try await bot.ledger.heldLocks().isEmpty)
            #expect(world.changes == ["long"])
            let message = try #require(await bot.messageInTime("Approval void, needs another one"))
            for words in [
                "The approval of the plan \(old.shortHash) is void", "-   two becomes new", "+   two is taken away",
                "approve 2 \(new.shortHash)",
            ] { #expect(message.contains(words)) }
            // Others may use the lock meanwhile.
            try await bot.type("other")
            _ = try #require(try await bot.job(3, in: .succeeded))
            try await bot.type("approve 2 \(old.shortHash)", as: "U3")
            #expect(await world.answer("Void: that was said about the plan \(old.shortHash)", to: "U3") != nil)
            try await bot.type("deny 2 \(old.shortHash)", as: "U4")
            #expect(await world.answer("Void: that was said about the plan \(old.shortHash)", to: "U4") != nil)
            #expect(try await bot.ledger.job(id: 2)?.state == .waitingApproval)
            try await bot.type("approve 2", as: "U3")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(world.changes == ["long", "long", "one", "two"])
            #expect(await world.answer("plan \(new.shortHash)", to: "U3") != nil)
            #expect(try await world.kinds(bot, 2).contains("job.approval-void"))
        }
    }

    @Test func `Another version of the command voids the approval, though its changes are the same`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()])
        try await world.run(definitions) { bot in
            _ = try await approvedBehindAnother(bot)
            var new = definitions
            new.commands["deploy"]?.version = "v2"
            bot.definitions.replace(with: new)
            world.actions.open("long")
            let job = try #require(try await world.asked(bot, 2))
            #expect(job.approval?.difference.last == "  the definition of the command is another")
        }
    }

    @Test func `Other inputs void the approval, though the changes read the same`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()])
        world.actions.plan("one", .success(ActionPlan(changes: ["same words"])))
        world.actions.plan("uno", .success(ActionPlan(changes: ["same words"])))
        try await world.run(definitions) { bot in
            _ = try await approvedBehindAnother(bot)
            var new = definitions
            new.commands["deploy"]?.steps[0].input = try Samples.step("one", what: "uno").input
            bot.definitions.replace(with: new)
            world.actions.open("long")
            let job = try #require(try await world.asked(bot, 2))
            #expect(job.approval?.difference.last?.contains("its inputs") == true)
        }
    }

    @Test func `A note that is another voids the approval, and is shown with the plan`() async throws {
        let note = "Deployment n/api: 5 replicas, set by olivia"
        world.actions.plan("one", .success(ActionPlan(changes: ["same words"], notes: [note])))
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            let old = try await approvedBehindAnother(bot)
            #expect(old.parts.flatMap(\.lines).contains(note))
            #expect(old.changes == 2)
            world.actions.plan("one", .success(ActionPlan(changes: ["same words"], notes: ["another note"])))
            world.actions.open("long")
            let job = try #require(try await world.asked(bot, 2))
            #expect(job.approval?.plan?.hash != old.hash)
            #expect(job.approval?.votes == [])
        }
    }

    @Test func `An approver who has lost the role by then does not count any more`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()])
        try await world.run(definitions) { bot in
            _ = try await approvedBehindAnother(bot)
            var new = definitions
            new.people[2].roles = ["viewer"]
            bot.definitions.replace(with: new)
            world.actions.open("long")
            let job = try #require(try await world.asked(bot, 2))
            #expect(job.approval?.votes == [])
            #expect(await bot.messageInTime("The approval is void: lena may not approve it any more") != nil)
            #expect(try await bot.ledger.heldLocks().isEmpty)
            try await bot.type("approve 2", as: "U3")
            #expect(await world.answer("is not yours to say", to: "U3") != nil)
            try await bot.type("approve 2", as: "U4")
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `Of two approvers the one who still has the role is not asked again`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set(need: 2, from: ["lead", "admin"])])
        world.actions.close("long")
        try await world.run(definitions) { bot in
            try await bot.type("other")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("deploy")
            try await world.asked(bot, 2)
            try await bot.type("approve 2", as: "U3")
            try await bot.type("approve 2", as: "U4")
            _ = try #require(try await bot.job(2, in: .queued))
            var new = definitions
            new.people.removeAll { $0.id == "leo" }
            bot.definitions.replace(with: new)
            world.actions.open("long")
            let job = try #require(try await world.asked(bot, 2))
            #expect(job.approval?.votes.map(\.person) == ["lena"])
            try await bot.type("approve 2", as: "U5")
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `A plan that fails with the locks held ends the job before its first step`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            _ = try await approvedBehindAnother(bot)
            world.actions.plan("one", .failure(ActionError("gone")))
            world.actions.open("long")
            let job = try #require(try await bot.job(2, in: .failed))
            #expect(job.reason == "the plan failed at step 'Step one': gone")
            #expect(world.changes == ["long"])
            #expect(try await bot.ledger.heldLocks().isEmpty)
        }
    }

    @Test(arguments: [(1799, true), (1800, false)])
    func `The last moment of the time counts, the next one does not, and everybody is told`(
        seconds: Int, isInTime: Bool
    ) async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.alert("geth-0")
            let job = try #require(try await world.asked(bot))
            let askedAt = try #require(job.approval?.askedAt)
            #expect(job.approval?.until == askedAt.advanced(by: .seconds(1800)))
            world.time.advance(by: .seconds(Double(seconds)) - world.time.now.since(askedAt))
            try await bot.type("approve 1", as: "U3")
            if isInTime {
                _ = try #require(try await bot.job(1, in: .succeeded))
            } else {
                let expired = try #require(try await bot.jobInTime(1, in: .expired))
                #expect(expired.reason == "it was not approved (1 of lead) within 30 min")
                #expect(await world.answer("Too late", to: "U3") != nil)
                #expect(await bot.messageInTime("Not approved in time: deploy · job 1 · expired") != nil)
                let onCall = await bot.message("Not approved in time", in: "#oncall")
                #expect(onCall != nil)
                try await bot.type("approve 1", as: "U4")
                let late = "Too late: job 1 is expired: it was not approved (1 of lead) within 30 min"
                #expect(await world.answer(late, to: "U4") != nil)
                #expect(world.changes.isEmpty)
            }
        }
    }

    @Test func `What waits for people expires during a freeze too`() async throws {
        try await world.run(try ApprovalWorld.definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("freeze maintenance", as: "U3")
            _ = try #require(await bot.messageInTime("The bot is frozen by lena"))
            world.time.advance(by: .seconds(1801))
            _ = try #require(try await bot.jobInTime(1, in: .expired))
        }
    }

    @Test func `The time in which people are asked does not count against the start`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()]) { $0.startWithin = .seconds(60) }
        try await world.run(definitions) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            world.time.advance(by: .seconds(600))
            try await bot.type("approve 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }
}
