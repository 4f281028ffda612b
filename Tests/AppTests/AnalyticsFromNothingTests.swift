import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// The analytics pool, from an empty project at Hetzner Cloud to green.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: SSHServer.isThere))
struct AnalyticsFromNothingTests {
    private static let command = "deploy analytics"
    private static let ordered = [
        "create_network": 1, "create_firewall": 1, "create_placement_group": 1, "create_ssh_key": 1,
        "create_primary_ip": 1, "create_server": 3, "create_volume": 1, "create_load_balancer": 1,
        "create_zone_rrset": 1,
    ]

    @Test func `the pool comes up from nothing though the bot is killed twice, and then there is nothing to do`()
        async throws
    {
        try await AnalyticsScene.run { scene in
            var bot = try await scene.start()
            let plan = try await scene.world.command("run", "\(Self.command) --plan")
            #expect(plan.code == 0, "\(plan.text)")
            #expect(plan.text.contains("server analytics-worker-2: create"), "\(plan.text)")
            #expect(plan.text.contains("server analytics-worker-2 costs EUR"), "\(plan.text)")
            #expect(scene.orders == [:])

            let job = try await scene.ask(Self.command)
            for name in ["analytics-control-1", "analytics-worker-2"] {
                let isOrdered: Bool? = await eventually(within: .seconds(60)) {
                    scene.hetzner.thing("servers", name) == nil ? nil : true
                }
                try #require(isOrdered == true, "\(bot.text)")
                await bot.end(SIGKILL)
                bot = try await scene.start()
            }
            try await scene.expectSuccess(Self.command, job)
            #expect(scene.orders == Self.ordered)
            #expect(scene.nodes == ["analytics-control-1", "analytics-worker-1", "analytics-worker-2"])
            let address = scene.hetzner.thing("load_balancers", "analytics")?.at(path: "public_net.ipv4.ip")
            #expect(scene.hetzner.records("example.com", "analytics", "A") == [address?.stringValue ?? ""])

            let again = try await scene.world.command("run", Self.command)
            #expect(again.code == 0, "\(again.text)")
            #expect(again.text.contains("70 objects, 0 changed"), "\(again.text)")
            #expect(again.text.contains("nothing to do: all 5 are as wanted"), "\(again.text)")
            #expect(scene.orders == Self.ordered)
            let orphans = try await scene.world.command("run", "orphans analytics")
            #expect(orphans.text.contains("all that has the bot's labels is listed"), "\(orphans.text)")
            await bot.end()
        }
    }

    @Test func `a worker is added and removed, and a volume grows once though it is asked for five times`() async throws
    {
        try await AnalyticsScene.run { scene in
            let bot = try await scene.start()
            try await scene.expectSuccess(Self.command, try await scene.ask(Self.command))

            let adding = "scale-workers analytics 3"
            try await scene.expectSuccess(adding, try await scene.ask(adding))
            #expect(scene.nodes.contains("analytics-worker-3"))
            let kept = try await scene.world.command("run", Self.command)
            #expect(kept.code == 0, "\(kept.text)")
            #expect(scene.servers.count == 4)

            let removing = "scale-workers analytics 2"
            try await scene.expectSuccess(removing, try await scene.ask(removing))
            let removed = await scene.world.message("remove-worker analytics-worker-3", "· succeeded")
            try #require(removed != nil, "\(scene.seen)")
            #expect(scene.servers == ["analytics-control-1", "analytics-worker-1", "analytics-worker-2"])
            #expect(!scene.nodes.contains("analytics-worker-3"))
            let wrong = try await scene.world.command("run", "remove-worker analytics-worker-1")
            #expect(wrong.code == 1 && wrong.text.contains("is not one too many"), "\(wrong.text)")

            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        // What each says is looked at by what they have done together.
                        _ = try? await scene.world.command("run", "resize-disk analytics-control-1 40GiB")
                    }
                }
            }
            #expect(scene.hetzner.thing("volumes", "analytics-control-1-data")?["size"] == 40)
            #expect(scene.programs.filesystem == 40)
            #expect(scene.hetzner.received.count { $0.hasPrefix("resize_volume 201") } == 1)
            await bot.end()
        }
    }
}
