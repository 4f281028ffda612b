import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// An approval as a team sees it: two people, one message with buttons, and a world that changes in between.
@Suite(.serialized) struct ApprovalFromOutsideTests {
    /// The newest button to approve.
    private func button(_ world: BotFromOutside, otherThan old: SlackButton? = nil) async -> SlackButton? {
        await eventually(within: .seconds(60)) {
            world.standIns.slack.messages(in: "C0OPS").flatMap(\.buttons).last {
                $0.value?.hasPrefix("approve ") == true && $0.value != old?.value
            }
        }
    }

    private func lena(_ button: SlackButton, _ world: BotFromOutside) async throws {
        try await world.standIns.slack.press(button, userID: SandboxPeople.leadID)
    }

    @Test func `A restart by force waits for a second person's button`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.kubernetes.resetRequestCounts()
            try await world.type("/defimon restart-geth geth-1 --force")
            let message = try #require(await world.message("restart-geth geth-1 --force", "Missing"), "\(bot.text)")
            #expect(message.contains("1 of lead: Lena Lead"))
            #expect(message.contains("StatefulSet ethereum/geth-1"))
            #expect(world.count("PATCH", "/statefulsets") == 0)
            let approve = try #require(await button(world))
            // Who asked may not press it without a reason.
            try await world.standIns.slack.press(approve, userID: SandboxPeople.operatorID)
            #expect(await world.message("is your own") != nil)
            try await lena(approve, world)
            _ = try #require(await world.message("restart-geth geth-1 --force", "succeeded"), "\(bot.text)")
            #expect(world.count("PATCH", "/statefulsets") == 1)
            // What needs no approval starts at once, for one person.
            try await world.type("/defimon restart-geth geth-0")
            _ = try #require(await world.message("restart-geth geth-0", "succeeded"), "\(bot.text)")
            let number = try #require(try await world.job("restart-geth geth-1 --force"))
            let explained = try await world.command("explain", number)
            #expect(explained.text.contains("job.approval-given"))
            #expect(explained.text.contains("job.approval-refused"))
            await bot.end()
        }
    }

    @Test func `A plan that has become another one by the start voids the approval, and the old button too`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.kubernetes.resetRequestCounts()
            world.standIns.kubernetes.setFailures { $0.stalledRollout = ["*"] }
            try await world.type("/defimon restart-geth geth-0")
            _ = try #require(await world.message("restart-geth geth-0", "Back up"), "\(bot.text)")
            try await world.type("/defimon restart-geth geth-1 --force")
            let old = try #require(await button(world))
            try await lena(old, world)
            _ = try #require(await world.message("geth-1 --force", "queued"), "\(bot.text)")
            // Somebody else gives the node a second pod meanwhile.
            try await scale("geth-1", to: 2, world)
            world.standIns.kubernetes.setFailures { $0.stalledRollout = [] }
            let void = try #require(await world.message("Approval void", "its 2 pods are replaced"), "\(bot.text)")
            #expect(void.contains("its pod is replaced"))
            // A client that has not drawn the message anew still shows the old button.
            try await world.type("/defimon \(old.value ?? "")", as: SandboxPeople.leadID)
            #expect(await world.message("Void: that was said about the plan") != nil)
            // The restart of the other node, and the second pod.
            #expect(world.count("PATCH", "/statefulsets") == 2)
            let new = try #require(await button(world, otherThan: old))
            try await lena(new, world)
            _ = try #require(await world.message("restart-geth geth-1 --force", "succeeded"), "\(bot.text)")
            await bot.end()
        }
    }

    /// As `kubectl scale` does.
    private func scale(_ name: String, to replicas: Int64, _ world: BotFromOutside) async throws {
        let body: JSONValue = ["spec": ["replicas": .int(replicas)]]
        let answer = try await world.session.send(
            HTTPRequest(
                method: "PATCH",
                url:
                    "\(try await world.standIns.kubernetes.url())/apis/apps/v1/namespaces/ethereum/statefulsets/\(name)",
                headers: [("Content-Type", "application/merge-patch+json")], body: body.canonicalBytes),
            timeout: .seconds(10))
        #expect(answer.status == 200)
    }
}
