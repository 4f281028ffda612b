import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// What people set in chat, over deploys.
@Suite(.serialized) struct ScaleFromOutsideTests {
    private func replicas(_ name: String, _ world: BotFromOutside) -> Int? {
        world.standIns.kubernetes.object(apiVersion: "apps/v1", kind: "Deployment", namespace: "analytics", name: name)?
            .at(path: "spec.replicas")?.intValue
    }

    private func bounds(_ world: BotFromOutside) -> [Int?] {
        let found = world.standIns.kubernetes.object(
            apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", namespace: "analytics", name: "analytics-api"
        )
        return [found?.at(path: "spec.minReplicas")?.intValue, found?.at(path: "spec.maxReplicas")?.intValue]
    }

    @Test func `A size set in chat survives the next deploy, and default goes back to what the manifests say`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            try await world.type("/defimon deploy analytics")
            _ = try #require(await world.message("deploy analytics", "succeeded"), "\(bot.text)")
            #expect(replicas("kube-state-metrics", world) == 1)

            try await world.type("/defimon scale analytics kube-state-metrics 3")
            let scaled = try #require(
                await world.message("scale analytics kube-state-metrics 3", "succeeded"), "\(bot.text)")
            #expect(scaled.contains("goes from 1 to 3 replicas; deploys keep them."), "\(scaled)")
            #expect(scaled.contains("1 workload is ready, 3 of 3 pods"), "\(scaled)")
            try await world.type("/defimon scale analytics analytics-api 3..8")
            _ = try #require(await world.message("analytics-api 3..8", "succeeded"), "\(bot.text)")
            #expect(bounds(world) == [3, 8])

            // Under an autoscaler a number is refused, and a name that is not there gets the nearest.
            try await world.type("/defimon scale analytics analytics-api 5")
            let refused = try #require(await world.message("analytics-api 5", "failed"), "\(bot.text)")
            #expect(refused.contains("the autoscaler analytics-api decides") && refused.contains("5..8"), "\(refused)")
            try await world.type("/defimon scale analytics kube-state-metric 2")
            #expect(
                await world.message("there is no Deployment or StatefulSet 'kube-state-metric'", "'kube-state-metrics'")
                    != nil)

            let number = try #require(try await world.job("scale analytics kube-state-metrics 3"))
            let line = "Deployment analytics/kube-state-metrics: 3 replicas, set by olivia on "
            let origin = "with job \(number) (manifests say 1)"
            let planned = try await world.command("run", "deploy analytics --plan")
            #expect(planned.code == 0)
            #expect(planned.text.contains(line) && planned.text.contains(origin), "\(planned.text)")
            #expect(planned.text.contains("Nothing to do"), "\(planned.text)")

            let listed = try await world.command("run", "overrides")
            #expect(
                listed.text.contains("Deployment/analytics/kube-state-metrics/replicas = 3  set by olivia"),
                "\(listed.text)")
            #expect(listed.text.contains("Deployment/analytics/analytics-api/bounds"))

            // The bot is another one by now, and what was set is not forgotten.
            await bot.end()
            let second = try await world.start()
            try await world.type("/defimon deploy analytics")
            let again = await eventually(within: .seconds(60)) {
                world.standIns.slack.messages(in: "C0OPS").map(\.allText).count {
                    $0.contains("deploy analytics ·") && $0.contains("succeeded")
                } == 2 ? true : nil
            }
            try #require(again == true, "\(second.text)")
            #expect(replicas("kube-state-metrics", world) == 3)
            #expect(bounds(world) == [3, 8])

            try await world.type("/defimon scale analytics kube-state-metrics default")
            let forgotten = try #require(
                await world.message("scale analytics kube-state-metrics default", "succeeded"), "\(second.text)")
            #expect(forgotten.contains("the next deploy sets what the manifests say"), "\(forgotten)")
            #expect(replicas("kube-state-metrics", world) == 3)
            let deployed = try await world.command("run", "deploy analytics")
            #expect(deployed.code == 0, "\(deployed.text)")
            #expect(replicas("kube-state-metrics", world) == 1)
            #expect(bounds(world) == [3, 8])
            await second.end()
        }
    }
}
