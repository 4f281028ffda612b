import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// Deliveries that GitHub made while nobody listened, from outside.
@Suite(.serialized) struct MissedDeliveryTests {
    @Test func `A pull request opened while the bot was dead gets its preview after the next start`() async throws {
        try await BotFromOutside.run { world in
            let first = try await world.start()
            let isLooked = await eventually {
                world.github.failures.received.contains {
                    $0.contains("/hooks/\(SandboxPullRequests.hookID)/deliveries")
                }
                    ? true : nil
            }
            try #require(isLooked == true, "\(first.text)")
            let known = try await world.open("known")
            _ = try #require(await world.comment(on: known, "waits for the workflow"), "\(first.text)")
            await first.end(SIGKILL)
            let missed = try await world.open("missed")
            #expect(world.github.deliveryTries.contains { $0.outcome == .notConnected })
            let second = try await world.start()
            _ = try #require(await world.comment(on: missed, "waits for the workflow"), "\(second.text)")
            #expect(try await world.audit("delivery.redelivery-requested", count: 1) == true)
            try await world.build(try world.head(missed))
            _ = try #require(await world.comment(on: missed, " is at "), "\(second.text)")
            #expect(world.botComments(missed).count == 1)
            await second.end()
        }
    }
}
