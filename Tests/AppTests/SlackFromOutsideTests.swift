import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// Modals and buttons as a team has them before it.
@Suite(.serialized) struct SlackFromOutsideTests {
    private let olivia = SandboxPeople.operatorID

    /// The newest button that stands for this command line.
    private func button(_ line: String, _ world: BotFromOutside) async -> SlackButton? {
        await eventually(within: .seconds(60)) {
            world.standIns.slack.messages(in: "C0OPS").flatMap(\.buttons).last { $0.value == line }
        }
    }

    @Test func `A command without arguments opens a modal, which says what is wrong in it and runs what is right`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let slack = world.standIns.slack
            try await world.type("/defimon diagnose-pod")
            let view = try #require(
                await eventually(within: .seconds(30)) { slack.view(of: olivia) }, "\(bot.text)")
            #expect(view.title == "diagnose-pod")
            #expect(view.inputs.map { $0["block_id"] } == ["pool", "pod", "namespace", "--plan"])
            // Its default is the namespace of the pool that is chosen.
            #expect(view.inputs[2].at(path: "element.initial_value") == nil)
            try await slack.submit(view.id, values: ["pool": "analytics", "pod": "Not a pod"], userID: olivia)
            let wrong = try #require(slack.view(of: olivia)?.errors)
            #expect(wrong.keys.sorted() == ["pod"])
            #expect(wrong["pod"]?.contains("is not a value for 'pod'") == true)
            #expect(try await world.job("diagnose-pod") == nil)
            try await slack.submit(view.id, values: ["pool": "analytics", "pod": "gone-1"], userID: olivia)
            #expect(slack.view(of: olivia) == nil)
            let failed = try #require(await world.message("diagnose-pod analytics gone-1", "failed"), "\(bot.text)")
            #expect(failed.contains("Retry") && failed.contains("analytics"))

            // Who is in a hurry presses twice.
            let number = try #require(try await world.job("diagnose-pod analytics gone-1"))
            let retry = try #require(await button("retry \(number)", world))
            async let first: Void = slack.press(retry, userID: olivia)
            async let second: Void = slack.press(retry, userID: olivia)
            _ = try await (first, second)
            _ = try #require(await world.message("diagnose-pod", "Follows", "job \(number)", "· failed"), "\(bot.text)")
            _ = try #require(await world.message("once more after job \(number)"))
            _ = try #require(await world.message("Void: job \(number) was tried again already, as job"))
            _ = try #require(await world.message("job \(number) · failed", "Tried again", "as job"))
            let listed = try await world.command("jobs", "list").text
            #expect(listed.split(separator: "\n").count { $0.contains("diagnose-pod analytics gone-1") } == 2)
            // The message has no such button any more; nobody else's has it.
            #expect(!slack.messages(in: "C0OPS").flatMap(\.buttons).contains { $0.value == retry.value })

            let explain = try #require(await button("explain \(number)", world))
            try await slack.press(explain, userID: olivia)
            _ = try #require(
                await eventually(within: .seconds(30)) {
                    slack.messages(in: "C0OPS").first { $0.onlyFor == olivia && $0.allText.contains("job.tried-again") }
                })
            await bot.end()
        }
    }

    @Test func `A trigger that Slack takes no more leaves the usage in words`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.slack.faults.internalErrors(1)
            try await world.type("/defimon diagnose-pod")
            let usage = try #require(
                await world.message("Usage: /defimon diagnose-pod", "'pool' is missing"), "\(bot.text)")
            #expect(usage.contains("For example"))
            #expect(world.standIns.slack.views.isEmpty)
            await bot.end()
        }
    }

    @Test func `Whoever may not cancel a job is refused in private`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let slack = world.standIns.slack
            world.standIns.kubernetes.setFailures { $0.stalledRollout = ["*"] }
            try await world.type("/defimon restart-geth geth-0")
            _ = try #require(await world.message("restart-geth geth-0", "Back up", "Cancel"), "\(bot.text)")
            let number = try #require(try await world.job("restart-geth geth-0"))
            let cancel = try #require(await button("cancel \(number)", world))
            try await slack.press(cancel, userID: SandboxPeople.viewerID)
            let refusal = await eventually(within: .seconds(30)) {
                slack.messages(in: "C0OPS").first {
                    $0.onlyFor == SandboxPeople.viewerID && $0.allText.contains("Who can run it")
                }
            }
            #expect(refusal != nil)
            try await slack.press(cancel, userID: olivia)
            _ = try #require(await world.message("job \(number) · cancelled"), "\(bot.text)")
            // An old window still shows the button; the press is what stands behind it.
            try await world.type("/defimon \(cancel.value ?? "")")
            #expect(await world.message("Job \(number) has ended already: cancelled") != nil)
            await bot.end()
        }
    }
}
