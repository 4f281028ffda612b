import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A bot that is killed while a job waits for people goes on waiting, and forgets nothing that was said.
@Suite struct ApprovalRestartTests {
    let world: ApprovalWorld

    init() throws { world = try ApprovalWorld() }

    @Test func `Killed while it plans, it plans again`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()])
        world.actions.close("plan one")
        try await world.run(definitions, crashes: true) { bot in
            try await bot.type("deploy")
            _ = await eventually { world.actions.calls(of: "plan").isEmpty ? nil : true }
            #expect(try await bot.ledger.job(id: 1)?.state == .waitingApproval)
        }
        world.actions.open("plan one")
        try await world.run(definitions) { bot in
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(world.changes == ["one", "two"])
        }
    }

    @Test func `Killed while people are asked, it keeps what they said and its time`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set(need: 2)])
        var until: Date?
        try await world.run(definitions, crashes: true) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            let job = try await eventually { () -> Job? in
                guard let job = try await bot.ledger.job(id: 1), job.approval?.votes.count == 1 else { return nil }
                return job
            }
            until = job?.approval?.until
        }
        let plans = world.actions.calls(of: "plan").count
        try await world.run(definitions, crashes: true) { bot in
            let job = try #require(try await world.asked(bot))
            #expect(job.approval?.votes.map(\.person) == ["lena"])
            #expect(job.approval?.until == until)
            try await bot.type("approve 1", as: "U3")
            #expect(await world.answer("A person counts once", to: "U3") != nil)
            #expect(world.actions.calls(of: "plan").count == plans)
        }
        world.time.advance(by: .seconds(1800))
        try await world.run(definitions) { bot in
            _ = try #require(try await bot.jobInTime(1, in: .expired))
        }
    }

    @Test func `Killed while it waits for the confirmation, it is confirmed afterwards`() async throws {
        let definitions = try ApprovalWorld.definitions(confirm: true)
        try await world.run(definitions, crashes: true) { bot in
            try await bot.type("deploy")
            try await world.asked(bot, 1, .waitingConfirmation)
        }
        try await world.run(definitions) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await bot.ledger.job(id: 2) == nil)
        }
    }

    @Test func `Killed while it plans with its locks held, it looks again before its first step`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()])
        try await world.run(definitions, crashes: true) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            let plans = world.actions.calls(of: "plan").count
            world.actions.close("plan one")
            try await bot.type("approve 1", as: "U3")
            _ = await eventually { world.actions.calls(of: "plan").count > plans ? true : nil }
            #expect(try await bot.ledger.job(id: 1)?.state == .running)
            #expect(world.changes.isEmpty)
        }
        world.actions.plan("one", .success(ActionPlan(changes: ["one becomes old"])))
        world.actions.open("plan one")
        try await world.run(definitions) { bot in
            let job = try #require(try await world.asked(bot))
            #expect(job.approval?.difference.contains("+   one becomes old") == true)
            #expect(try await bot.ledger.heldLocks().isEmpty)
            #expect(world.changes.isEmpty)
        }
    }

    @Test func `Killed in the middle of an approved run, it goes on without asking again`() async throws {
        let definitions = try ApprovalWorld.definitions([ApprovalWorld.set()])
        world.actions.close("two")
        try await world.run(definitions, crashes: true) { bot in
            try await bot.type("deploy")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            _ = await eventually { world.changes.count == 2 ? true : nil }
        }
        world.actions.plan("two", .success(ActionPlan(changes: [])))
        world.actions.open("two")
        try await world.run(definitions) { bot in
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(world.changes == ["one", "two", "two"])
        }
    }
}
