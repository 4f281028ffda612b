import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A command that asks the same person once more, with the plan before them.
@Suite struct ConfirmationTests {
    let world: ApprovalWorld

    init() throws { world = try ApprovalWorld() }

    private func definitions(_ sets: [ApprovalDefinition] = []) throws -> DefinitionSet {
        try ApprovalWorld.definitions(sets, confirm: true)
    }

    @Test(arguments: ["deploy", "confirm 1", "button"])
    func `The same person says so once more, by the same words, the number or the button`(how: String) async throws {
        try await world.run(try definitions()) { bot in
            try await bot.type("deploy")
            let job = try #require(try await world.asked(bot, 1, .waitingConfirmation))
            #expect(try await bot.ledger.heldLocks().isEmpty)
            let hash = try #require(job.approval?.plan?.shortHash)
            let message = try #require(await bot.messageInTime("Confirm: /defimon confirm 1 \(hash)"))
            #expect(message.contains("one becomes new"))
            try await bot.type(how == "button" ? "confirm 1 \(hash)" : how)
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(await world.answer("Job 1: deploy is confirmed (plan \(hash)).", to: "U1") != nil)
            #expect(try await bot.ledger.job(id: 2) == nil)
            #expect(try await world.kinds(bot).contains("job.confirmed"))
            try await bot.type("confirm 1")
            #expect(await world.answer("does not wait for a confirmation but is succeeded", to: "U1") != nil)
        }
    }

    @Test func `Another person, another channel and another plan do not confirm`() async throws {
        try await world.run(try definitions()) { bot in
            try await bot.type("deploy")
            try await world.asked(bot, 1, .waitingConfirmation)
            try await bot.type("confirm 1", as: "U4")
            #expect(await world.answer("Job 1 is olivia's, who alone can confirm it", to: "U4") != nil)
            let elsewhere = try await bot.engine.run(
                "confirm 1", as: Identity(channel: "cli", userID: "root"), idempotencyKey: nil)
            #expect(elsewhere.report.title.contains("is confirmed where it was asked for, as chat:U1"))
            try await bot.type("confirm 1 00000000")
            #expect(await world.answer("Void: that was said about another plan", to: "U1") != nil)
            try await bot.type("approve 1", as: "U3")
            #expect(await world.answer("waits for its own requester's confirmation first", to: "U3") != nil)
            // The same words of another person are a job of their own.
            try await bot.type("deploy", as: "U4")
            try await world.asked(bot, 2, .waitingConfirmation)
            #expect(try await bot.ledger.job(id: 1)?.state == .waitingConfirmation)
        }
    }

    @Test(arguments: [(299, true), (300, false)])
    func `Five minutes are the limit`(seconds: Int, isInTime: Bool) async throws {
        try await world.run(try definitions()) { bot in
            try await bot.type("deploy")
            let job = try #require(try await world.asked(bot, 1, .waitingConfirmation))
            let askedAt = try #require(job.approval?.askedAt)
            world.time.advance(by: .seconds(Double(seconds)) - world.time.now.since(askedAt))
            if isInTime {
                try await bot.type("confirm 1")
                _ = try #require(try await bot.job(1, in: .succeeded))
            } else {
                let expired = try #require(try await bot.jobInTime(1, in: .expired))
                #expect(expired.reason == "olivia did not confirm it within 5 min")
                try await bot.type("confirm 1")
                #expect(await world.answer("does not wait for a confirmation but is expired", to: "U1") != nil)
                // Now it is asked for anew.
                try await bot.type("deploy")
                try await world.asked(bot, 2, .waitingConfirmation)
            }
        }
    }

    @Test func `On the machine's command line the same line again confirms`() async throws {
        try await world.run(try definitions()) { bot in
            let root = Identity(channel: "cli", userID: "root")
            let first = try await bot.engine.run("deploy", as: root, idempotencyKey: "a")
            #expect(first.jobID == 1)
            try await world.asked(bot, 1, .waitingConfirmation)
            let second = try await bot.engine.run("deploy", as: root, idempotencyKey: "b")
            #expect(second.jobID == 1)
            #expect(second.report.title.contains("is confirmed"))
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `After the confirmation others are asked; what no person asked for is not confirmed`() async throws {
        try await world.run(try definitions([ApprovalWorld.set()])) { bot in
            try await bot.type("deploy")
            try await world.asked(bot, 1, .waitingConfirmation)
            try await bot.type("confirm 1")
            try await world.asked(bot)
            try await bot.type("approve 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.alert("geth-0")
            try await world.asked(bot, 2, .waitingApproval)
        }
    }
}
